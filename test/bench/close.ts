/**
 * What closing a window costs in CPU, without I/O: partials of batches of 500 lines over 30 services, merged per
 * service and made into results, and how that grows from 1 to 1,000 partials.
 * `npx tsx test/bench/close.ts [--runs 9]`
 */
import { loadConfig } from '../../functions/config.ts';
import { pipelines } from '../../functions/job.ts';
import type { LogEntry } from '../../functions/parse/log-entry.ts';
import { maskedPattern } from '../../functions/parse/pattern/masked.ts';
import type { Severity } from '../../functions/parse/severity.ts';
import { serviceStats } from '../../functions/service-stats.ts';
import { encodeAccumulators, mergeParts } from '../../functions/window/encoding.ts';
import { fold } from '../../functions/window/pane.ts';
import { random } from '../random.ts';

const LINES = 500;
const SERVICES = 30;
const PARTIALS = 1000;
const RUNS = Number(process.argv[process.argv.indexOf('--runs') + 1]) || 9;
const START_US = 1_795_168_800_000_000;

const next = random(7);
/** Eight messages a service, some of them frequent, most rare. */
const patterns = Array.from({ length: SERVICES }, (_, service) =>
  Array.from({ length: 8 }, (_, i) => maskedPattern(`service${service} step${i} of order <*> done`).id),
);

function entry(index: number): LogEntry {
  const service = Math.floor(next() * SERVICES);
  const failed = next() < 0.03;
  const status = failed ? 503 : next() < 0.05 ? 404 : 200;
  return {
    insert_id: `b-${index}`,
    timestamp: START_US + Math.floor(next() * 10_000_000),
    timestamp_source: 'time',
    received_at: START_US,
    service: `service-${service}`,
    instance: null,
    severity: (failed ? 500 : next() < 0.1 ? 400 : 200) as Severity,
    message: '',
    pattern_id: patterns[service]![Math.floor(8 * next() ** 2)]!,
    http_status: next() < 0.7 ? status : null,
    // Log-normal about 30 ms.
    latency_ms:
      next() < 0.7
        ? 30 * Math.exp(0.7 * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()))
        : null,
    error_code: null,
    trace_id: null,
    span_id: null,
    request_id: null,
    user_id: next() < 0.6 ? `user-${Math.floor(next() * 20_000)}` : null,
    labels: '{}',
    anomaly_score: failed ? 60 : 0,
    anomaly_reasons: [],
    format: 'json',
  };
}

const config = loadConfig({ LOGWEIR_PROJECT: 'p', LOGWEIR_CLOSE_URL: 'http://127.0.0.1/' });
const job = pipelines(config)[0]!.job;
const newPane = (): ReadonlyMap<string, unknown> =>
  fold(
    job,
    Array.from({ length: LINES }, (_, i) => entry(i)),
  )[0]!.accumulators;
// Only the texts are kept: close has nothing else in memory either.
const parts = Array.from({ length: PARTIALS }, () =>
  encodeAccumulators(job.aggregate, newPane()).map((data) => ({ data })),
).flat();
const bytes = parts.reduce((sum, { data }) => sum + data.length, 0) / PARTIALS;

/** CPU of this process, all threads, in ms. */
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

function measure(work: () => void): { readonly medianMs: number; readonly bestMs: number } {
  for (let i = 0; i < 3; i++) work();
  const times = Array.from({ length: RUNS }, () => {
    const before = cpuMs();
    work();
    return cpuMs() - before;
  });
  return { medianMs: median(times), bestMs: Math.min(...times) };
}

const pane = newPane();
const encoding = measure(() => {
  for (let i = 0; i < PARTIALS; i++) encodeAccumulators(job.aggregate, pane);
});

function close(count: number): number {
  const { merged, corrupt } = mergeParts(serviceStats, parts.slice(0, count));
  if (corrupt.length > 0) throw new Error('a partial was not read');
  let entries = 0;
  for (const acc of merged.values()) entries += serviceStats.result(acc).entries;
  return entries;
}

if (close(PARTIALS) !== LINES * PARTIALS) throw new Error('entries were lost');
console.log(
  `${SERVICES} services, batches of ${LINES} lines, ${Math.round(bytes)} bytes a partial; CPU, ${RUNS} runs`,
);
console.log(
  `encode 1,000 partials  median ${encoding.medianMs.toFixed(1)} ms  best ${encoding.bestMs.toFixed(1)} ms`,
);
for (const count of [1, 10, 100, 1000]) {
  const repeat = 1000 / count;
  const { medianMs, bestMs } = measure(() => {
    for (let i = 0; i < repeat; i++) close(count);
  });
  const each = (ms: number): string => `${(ms / repeat).toFixed(3)} ms`.padStart(11);
  console.log(
    `close ${String(count).padStart(5)} partials    median ${each(medianMs)}  best ${each(bestMs)}`,
  );
}
