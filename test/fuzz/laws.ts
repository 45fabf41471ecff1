/** What must hold for the parser whatever the records; each law throws an Error that says what broke it. */
import { isAscii } from 'node:buffer';
import { type Failure, isFailure } from '../../functions/ingest/failure.ts';
import type { LogEntry } from '../../functions/parse/log-entry.ts';
import { createParser } from '../../functions/parse/parse-record.ts';
import { printEntry } from '../../functions/parse/print-entry.ts';
import type { Marked } from './hostile.ts';

const SETTINGS = { maxDepth: 100, slowMs: 3000, maxFutureMs: 86_400_000, keepIdentity: true };
const RECEIVED_US = Date.parse('2026-11-21T10:00:00Z') * 1000;
const plain = createParser({ ...SETTINGS, redactRules: ['off'] });
const redacting = createParser({ ...SETTINGS, redactKey: 'a key of sixteen characters' });

const contextOf = (index: number) => ({
  batchId: 'b',
  index,
  receivedAtUs: RECEIVED_US,
  attributes: {},
  latin1: false,
});

/** Longest time for 10 KB, in ms. */
const MAX_MS = 50;

/** Checks every law for one batch. */
export function check(batch: readonly Marked[]): void {
  const texts = batch.map(({ text }) => text);
  const size = texts.reduce((sum, text) => sum + text.length, 0);
  const allowedMs = MAX_MS * Math.max(1, size / 10_000);
  const results = timed(() => plain.parseAll(texts, contextOf), allowedMs, texts);
  const indices = results.flatMap((one) => one.indices).toSorted((a, b) => a - b);
  law(
    indices.join() === texts.map((_, i) => i).join(),
    `records ${indices} of ${texts.length} have a result`,
    texts,
  );
  for (const { result, indices: of } of results) {
    if (isFailure(result)) continue;
    sound(result, texts);
    for (const at of of) keeps(result, batch[at]!);
  }
  for (const text of texts) readsBytes(text);
  for (const { result } of timed(() => redacting.parseAll(texts, contextOf), allowedMs, texts))
    if (!isFailure(result)) stable(printEntry(result));
}

/** A record of ASCII gives the same entry from the bytes of its batch as from its text. */
function readsBytes(text: string): void {
  const bytes = Buffer.from(`{"a":1}\n${text}\n{"b":2}`);
  if (!isAscii(bytes)) return;
  const shown = (result: LogEntry | Failure): string =>
    isFailure(result) ? JSON.stringify(result) : printEntry(result);
  for (const parse of [plain, redacting]) {
    const [asText, asBytes] = [parse(text, contextOf(0)), parse(text, { ...contextOf(0), bytes, offset: 8 })];
    law(shown(asText) === shown(asBytes), `bytes give ${shown(asBytes)}`, text);
  }
}

/** Characters of a record in a report; the seed and path that fast-check prints give the rest. */
const MAX_SHOWN = 4000;

function law(holds: boolean, what: string, input: unknown): void {
  if (!holds) throw new Error(`${what}: ${JSON.stringify(input).slice(0, MAX_SHOWN)}`);
}

/** The fastest of ten runs counts, by the clock or by the processor, because a machine has other things to do. */
function timed<T>(work: () => T, allowedMs: number, input: unknown): T {
  let best = Number.POSITIVE_INFINITY;
  for (let attempt = 0; ; attempt++) {
    const startMs = performance.now();
    const startCpu = process.cpuUsage();
    const result = work();
    const { user, system } = process.cpuUsage(startCpu);
    best = Math.min(best, performance.now() - startMs, (user + system) / 1000);
    if (best <= allowedMs) return result;
    law(attempt < 9, `takes ${best.toFixed(1)} ms, allowed: ${allowedMs.toFixed(1)}`, input);
  }
}

const SEVERITIES = new Set([0, 100, 200, 300, 400, 500, 600, 700, 800]);

/** Every field is what its column can hold. */
function sound(entry: LogEntry, input: unknown): void {
  const labels: unknown = JSON.parse(entry.labels);
  law(typeof labels === 'object' && labels !== null && !Array.isArray(labels), 'labels are an object', input);
  law(Number.isInteger(entry.timestamp), 'the time is a whole number', input);
  law(entry.timestamp !== 0 && entry.timestamp_source !== '', 'the time has a source and is not 1970', input);
  law(SEVERITIES.has(entry.severity), 'the severity is one', input);
  law(entry.service !== '', 'the service has a name', input);
  law(
    entry.latency_ms === null || (Number.isFinite(entry.latency_ms) && entry.latency_ms >= 0),
    'latency',
    input,
  );
  const status = entry.http_status;
  law(status === null || (status >= 100 && status <= 599), 'the status is one', input);
}

/** Nothing of a record is lost. */
function keeps(entry: LogEntry, { text, marker }: Marked): void {
  if (marker === '') return;
  law(printEntry(entry).includes(marker), `"${marker}" is lost in ${printEntry(entry)}`, text);
}

/** A printed entry, read again, prints the same. */
function stable(printed: string): void {
  const again = redacting(printed.slice(0, -1), contextOf(0));
  law(!isFailure(again) && printEntry(again) === printed, `reads again as ${JSON.stringify(again)}`, printed);
}
