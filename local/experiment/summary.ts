/** What an experiment found, as figures side by side and as bars in the terminal. Pure. */
import type { Kept, Lag, Metric } from './store.ts';

export interface Measured {
  readonly kept: Kept;
  readonly metrics: readonly Metric[];
  readonly lag: readonly Lag[];
}

interface Figure {
  readonly label: string;
  readonly unit: string;
  readonly of: (measured: Measured) => number;
  /** Whether more is better; null: neither is. */
  readonly more: boolean | null;
}

const value =
  (process: string, metric: string, quantile: number | null = null, take: 'mean' | 'most' = 'mean') =>
  ({ metrics }: Measured): number =>
    metrics.find((one) => one.process === process && one.metric === metric && one.quantile === quantile)?.[
      take
    ] ?? Number.NaN;

/** Of all processes whose name begins so: the sum of what they are in the mean. */
const sum =
  (prefix: string, metric: string) =>
  ({ metrics }: Measured): number => {
    const found = metrics.filter((one) => one.process.startsWith(prefix) && one.metric === metric);
    return found.length === 0 ? Number.NaN : found.reduce((all, { mean }) => all + mean, 0);
  };

const most =
  (prefix: string, metric: string) =>
  ({ metrics }: Measured): number =>
    Math.max(
      ...metrics
        .filter((one) => one.process.startsWith(prefix) && one.metric === metric)
        .map((one) => one.most),
    );

export const FIGURES: readonly Figure[] = [
  { label: 'offered', unit: 'lines/s', of: value('all', 'offered'), more: null },
  { label: 'published', unit: 'lines/s', of: value('all', 'published'), more: true },
  { label: 'throughput', unit: 'lines/s', of: value('all', 'throughput'), more: true },
  { label: 'delivery success', unit: '', of: value('all', 'delivery_success'), more: true },
  { label: 'publish p50', unit: 'ms', of: value('all', 'publish_latency', 0.5), more: false },
  { label: 'publish p99', unit: 'ms', of: value('all', 'publish_latency', 0.99), more: false },
  { label: 'end to end p50', unit: 'ms', of: value('all', 'end_to_end_latency', 0.5), more: false },
  { label: 'end to end p95', unit: 'ms', of: value('all', 'end_to_end_latency', 0.95), more: false },
  { label: 'end to end p99', unit: 'ms', of: value('all', 'end_to_end_latency', 0.99), more: false },
  {
    label: 'most messages waiting',
    unit: '',
    of: ({ lag }) => Math.max(0, ...lag.map(({ waiting }) => waiting)),
    more: false,
  },
  {
    label: 'oldest message waiting',
    unit: 'ms',
    of: ({ lag }) => Math.max(0, ...lag.map(({ oldestMs }) => oldestMs)),
    more: false,
  },
  { label: 'drain after the end', unit: 'ms', of: value('all', 'drain'), more: false },
  { label: 'producers, CPU', unit: '% of a core', of: sum('producer-', 'cpu'), more: false },
  { label: 'consumers, CPU', unit: '% of a core', of: sum('parse-', 'cpu'), more: false },
  { label: 'close, CPU', unit: '% of a core', of: sum('close', 'cpu'), more: false },
  { label: 'bigquery, CPU', unit: '% of a core', of: sum('bigquery', 'cpu'), more: false },
  { label: 'other services, CPU', unit: '% of a core', of: sum('services', 'cpu'), more: false },
  { label: 'a consumer, memory at most', unit: 'MB', of: most('parse-', 'rss'), more: false },
  { label: 'bigquery, memory at most', unit: 'MB', of: most('bigquery', 'rss'), more: false },
];

const LABEL = 28;
const BAR = 30;

/** One experiment, a figure a line. */
export function summaryOf(measured: Measured): string {
  const { kept } = measured;
  return [
    headOf(kept),
    ...FIGURES.map(
      ({ label, unit, of }) => `  ${label.padEnd(LABEL)}${shown(of(measured)).padStart(12)} ${unit}`,
    ),
    `  ${'waiting, over time'.padEnd(LABEL)}${sparkline(measured.lag.map(({ waiting }) => waiting))}`,
    saturationOf(kept),
  ].join('\n');
}

/** Two side by side, with how many times the first the second is, and bars. */
export function comparison(a: Measured, b: Measured): string {
  const rows = FIGURES.map(({ label, unit, of, more }) => {
    const [left, right] = [of(a), of(b)];
    const ratio = right / left;
    const times = Number.isFinite(ratio) ? `× ${ratio.toFixed(2)}` : '';
    const better = more === null || !Number.isFinite(ratio) || Math.abs(ratio - 1) < 0.05;
    const mark = better ? ' ' : ratio > 1 === more ? '+' : '−';
    return `  ${label.padEnd(LABEL)}${shown(left).padStart(12)}${shown(right).padStart(12)}  ${times.padStart(9)} ${mark} ${unit}`;
  });
  const bars = FIGURES.filter(({ label }) =>
    ['throughput', 'end to end p50', 'end to end p99', 'consumers, CPU'].includes(label),
  ).flatMap(({ label, unit, of }) => {
    const largest = Math.max(of(a), of(b));
    const line = (name: string, one: Measured): string =>
      `  ${name.padEnd(3)}${bar(of(one) / largest)} ${shown(of(one))} ${unit}`;
    return [`  ${label}`, line('A', a), line('B', b)];
  });
  return [
    `A  ${headOf(a.kept)}`,
    `B  ${headOf(b.kept)}`,
    '',
    `  ${''.padEnd(LABEL)}${'A'.padStart(12)}${'B'.padStart(12)}`,
    ...rows,
    '',
    ...bars,
    `  waiting, over time\n  A  ${sparkline(a.lag.map(({ waiting }) => waiting))}\n  B  ${sparkline(b.lag.map(({ waiting }) => waiting))}`,
    '',
    `A: ${saturationOf(a.kept).trim()}`,
    `B: ${saturationOf(b.kept).trim()}`,
    ...(JSON.stringify(a.kept.machine) === JSON.stringify(b.kept.machine)
      ? []
      : ['they ran on different machines: compare with care']),
  ].join('\n');
}

const headOf = ({ id, startedAt, plan }: Kept): string =>
  `${id}  ${startedAt} UTC  ${plan.producers} producers, ${plan.consumers} consumers, ${plan.shards} shards, ${shown(plan.rate)} lines/s, ${Number(plan.minutes.toFixed(2))} min, seed ${plan.seed}`;

const saturationOf = ({ saturated, why }: Kept): string =>
  saturated ? `  saturated: ${why.join('; ')}` : '  not saturated: it kept up with the offered load';

/** All kept, one a line. */
export function listing(all: readonly Kept[]): string {
  if (all.length === 0) return 'no experiment is kept here; "logweir experiment run --name NAME" runs one';
  return all.map((kept) => `${headOf(kept)}${kept.saturated ? '  saturated' : ''}`).join('\n');
}

function shown(figure: number): string {
  if (!Number.isFinite(figure)) return '–';
  if (figure !== 0 && Math.abs(figure) < 10) return Number(figure.toFixed(3)).toString();
  return Math.round(figure).toLocaleString('en-US');
}

const bar = (share: number): string =>
  '█'.repeat(Math.max(1, Math.round(BAR * (Number.isFinite(share) ? share : 0)))).padEnd(BAR, '·');

const LEVELS = '▁▂▃▄▅▆▇█';
const WIDTH = 40;

function sparkline(values: readonly number[]): string {
  if (values.length === 0) return '–';
  const step = Math.max(1, values.length / WIDTH);
  const columns = Array.from({ length: Math.min(WIDTH, values.length) }, (_, i) =>
    Math.max(
      ...values.slice(Math.floor(i * step), Math.max(Math.floor(i * step) + 1, Math.floor((i + 1) * step))),
    ),
  );
  const largest = Math.max(1, ...columns);
  const drawn = columns.map((one) => LEVELS[Math.round((one / largest) * (LEVELS.length - 1))]).join('');
  return `${drawn}  at most ${shown(Math.max(...columns))}`;
}
