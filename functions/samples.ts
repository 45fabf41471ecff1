/**
 * The worst entries of a window, for whoever is told of it: the worst of each pattern, of the worst patterns. What is
 * kept does not depend on the order in which entries and partials come: the order of samples is total, and a pattern
 * that is among the worst of all is among the worst wherever its worst entry is counted.
 */

import { ownText } from './own-text.ts';
import type { LogEntry } from './parse/log-entry.ts';
import { encodeCounts, encodeText, type TextReader } from './stream/aggregates/text-code.ts';

/** An entry, cut down to what a message can show. Its text is redacted, as all messages are. */
export interface Sample {
  /** Anomaly score of the entry, 1 to 100. */
  readonly score: number;
  /** In µs since the epoch. */
  readonly timestamp: number;
  readonly insertId: string;
  readonly severity: number;
  /** Empty: none. */
  readonly patternId: string;
  readonly traceId: string;
  /** At most MAX_CHARS characters. */
  readonly message: string;
}

const MAX_SAMPLES = 3;
const MAX_CHARS = 240;
const MAX_ID_CHARS = 128;

/** Adds an entry that a rule marked. */
export function addSample(samples: Sample[], entry: LogEntry): void {
  const patternId = entry.pattern_id ?? '';
  const rival = samples.find((one) => one.patternId === patternId) ?? samples[MAX_SAMPLES - 1];
  const { anomaly_score: score, insert_id: insertId, severity } = entry;
  // Most are not the worst of their pattern, nor worse than what is kept: they need not be made samples first.
  if (
    rival !== undefined &&
    (score < rival.score || (score === rival.score && entry.timestamp > rival.timestamp))
  )
    return;
  insert(samples, {
    score,
    timestamp: Math.max(0, entry.timestamp),
    insertId,
    severity,
    patternId,
    traceId: ownText((entry.trace_id ?? '').slice(0, MAX_ID_CHARS)),
    message: ownText(cut(entry.message)),
  });
}

/** Adds `b` to `a`. */
export function mergeSamples(a: Sample[], b: readonly Sample[]): void {
  for (const sample of b) insert(a, sample);
}

/** How many, then each. */
export function encodeSamples(samples: readonly Sample[]): string {
  let text = encodeCounts([samples.length]);
  for (const { score, timestamp, severity, insertId, patternId, traceId, message } of samples) {
    text += encodeCounts([score, timestamp, severity]);
    for (const each of [insertId, patternId, traceId, message]) text += encodeText(each);
  }
  return text;
}

/** Adds what `encodeSamples` wrote. Throws an Error if it is not that. */
export function readSamples(samples: Sample[], reader: TextReader): void {
  for (let left = reader.count(); left > 0; left--) {
    insert(samples, {
      ...{ score: reader.count(), timestamp: reader.count(), severity: reader.count() },
      ...{ insertId: reader.text(), patternId: reader.text(), traceId: reader.text() },
      message: reader.text(),
    });
  }
}

function insert(samples: Sample[], sample: Sample): void {
  const same = samples.findIndex(({ patternId }) => patternId === sample.patternId);
  if (same >= 0) {
    if (!isWorse(sample, samples[same]!)) return;
    samples.splice(same, 1);
  }
  const at = samples.findIndex((other) => isWorse(sample, other));
  samples.splice(at < 0 ? samples.length : at, 0, sample);
  if (samples.length > MAX_SAMPLES) samples.pop();
}

/** By score, then the earlier. */
function isWorse(a: Sample, b: Sample): boolean {
  if (a.score !== b.score) return a.score > b.score;
  if (a.timestamp !== b.timestamp) return a.timestamp < b.timestamp;
  if (a.insertId !== b.insertId) return a.insertId < b.insertId;
  // Only where ids are not unique; the order must be total all the same.
  const rest = (one: Sample): string => [one.severity, one.patternId, one.traceId, one.message].join('\n');
  return rest(a) < rest(b);
}

function cut(message: string): string {
  if (message.length <= MAX_CHARS) return message;
  // Not through the middle of a character of two units.
  const last = message.charCodeAt(MAX_CHARS - 2);
  return `${message.slice(0, last >= 0xd800 && last < 0xdc00 ? MAX_CHARS - 2 : MAX_CHARS - 1)}…`;
}
