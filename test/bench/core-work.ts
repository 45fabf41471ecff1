/**
 * What a core does with a message, for the benches: a compressed batch → records → LogEntries → rows encoded for BigQuery →
 * partials encoded for Firestore. Rates are per second of processor time, all threads counted, so that a busy machine does
 * not hide what a core does.
 */
import { deflateSync } from 'node:zlib';
import { loadConfig } from '../../functions/config.ts';
import { readBatch } from '../../functions/ingest/batch.ts';
import { isFailure } from '../../functions/ingest/failure.ts';
import type { PubsubMessage } from '../../functions/ingest/message.ts';
import { pipelines } from '../../functions/job.ts';
import type { LogEntry } from '../../functions/parse/log-entry.ts';
import { createParser } from '../../functions/parse/parse-record.ts';
import { logEntries } from '../../functions/warehouse/tables.ts';
import { encode } from '../../functions/warehouse/warehouse.ts';
import { encodeAccumulators } from '../../functions/window/encoding.ts';
import { fold } from '../../functions/window/pane.ts';

const SERVICES = ['auth', 'payment', 'inventory', 'user', 'api-gateway'];
const TEXTS = [
  'login succeeded for account',
  'charge captured by the provider for order',
  'stock reserved in warehouse',
  'profile updated by its owner, revision',
  'request routed to upstream in zone',
];

/** A line of 290 bytes; lines lie 7 ms apart. */
export function line(i: number, services = SERVICES.length): string {
  const place = i % services;
  const service = SERVICES[place] ?? `service-${place}`;
  return JSON.stringify({
    timestamp: new Date(1_795_168_800_000 + i * 7).toISOString(),
    level: i % 20 < 14 ? 'info' : i % 20 < 17 ? 'warn' : 'error',
    service,
    message: `${TEXTS[(i * 7) % 5]} ${100_000 + ((i * 7919) % 899_999)}`,
    http_status: i % 20 < 17 ? 200 : 503,
    latency_ms: 5 + ((i * 31) % 900) / 3,
    request_id: `req-${(i * 2_654_435_761) % 4_294_967_296}`,
    trace_id: ((i * 40_503) % 65_536).toString(16).padStart(32, '0'),
    user_id: `u${(i * 13) % 500}`,
    host: `${service}-7f9c-${i % 4}`,
  });
}

/** Lines as Fluentd's zlib batch. */
export const messageOf = (lines: readonly string[], id: number): PubsubMessage => ({
  data: deflateSync(Buffer.from(lines.map((text) => `${text}\n`).join('\x1e'))),
  attributes: { compression_algorithm: 'zlib' },
  messageId: String(id),
  publishTimeUs: 1_795_168_900_000_000,
});

export type Stage = 'unpack' | 'parse' | 'rows' | 'partials';

export interface CoreWork {
  /** Milliseconds in each stage since `reset`. */
  readonly stages: Readonly<Record<Stage, number>>;
  reset(): void;
  /** Does all of it; returns how many lines there were. Throws when one was lost. */
  message(message: PubsubMessage): number;
}

export function coreWork(): CoreWork {
  const config = loadConfig({ LOGWEIR_PROJECT: 'p', LOGWEIR_CLOSE_URL: 'http://127.0.0.1/' });
  const parse = createParser(config);
  const [health] = pipelines(config);
  const job = health!.job;
  const stages = { unpack: 0, parse: 0, rows: 0, partials: 0 };
  return {
    stages,
    reset: () => Object.assign(stages, { unpack: 0, parse: 0, rows: 0, partials: 0 }),
    message(message) {
      const t0 = performance.now();
      const batch = readBatch(message, config);
      if (isFailure(batch)) throw new Error(batch.detail);
      const t1 = performance.now();
      const { texts } = batch.records;
      const entries: LogEntry[] = [];
      for (let index = 0; index < texts.length; index++) {
        const parsed = parse(texts[index]!, {
          batchId: batch.id,
          index,
          receivedAtUs: message.publishTimeUs,
          attributes: message.attributes,
          latin1: false,
          bytes: batch.records.bytes,
          offset: batch.records.offsets[index]!,
        });
        if (!isFailure(parsed)) entries.push(parsed);
      }
      const t2 = performance.now();
      let bytes = 0;
      for (const chunk of encode(logEntries, entries)) for (const row of chunk.rows) bytes += row.length;
      const t3 = performance.now();
      for (const pane of fold(job, entries))
        for (const part of encodeAccumulators(job.aggregate, pane.accumulators)) bytes += part.length;
      const t4 = performance.now();
      stages.unpack += t1 - t0;
      stages.parse += t2 - t1;
      stages.rows += t3 - t2;
      stages.partials += t4 - t3;
      if (entries.length !== texts.length || bytes === 0) throw new Error('lines were lost');
      return entries.length;
    },
  };
}

/** Lines a second of processor time. */
export function rate(work: () => number): number {
  const started = process.cpuUsage();
  const lines = work();
  const { user, system } = process.cpuUsage(started);
  return (lines * 1e6) / (user + system);
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

export const round = (value: number): string => Math.round(value).toLocaleString('en-US');
