/**
 * The pipeline's figures as Prometheus reads them. Source: https://prometheus.io/docs/instrumenting/exposition_formats/
 */
import type { Pipeline } from './schema/pipeline.ts';

export interface Gauge {
  readonly name: string;
  readonly help: string;
  readonly values: readonly {
    readonly labels?: Readonly<Record<string, string>>;
    readonly value: number | null;
  }[];
}

/** Text of gauges; values that are not known are left out. */
export const exposition = (gauges: readonly Gauge[]): string =>
  gauges
    .map(({ name, help, values }) => {
      const lines = values
        .filter(({ value }) => value !== null)
        .map(({ labels = {}, value }) => `${name}${labelsText(labels)} ${value}`);
      return [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...lines].join('\n');
    })
    .join('\n')
    .concat('\n');

const labelsText = (labels: Readonly<Record<string, string>>): string => {
  const all = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return all.length === 0 ? '' : `{${all.join(',')}}`;
};

const escaped = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

/** Of the last five whole minutes, and of the running hour. */
export function gaugesOf(
  pipeline: Pipeline,
  more: { readonly firing: number; readonly listeners: number },
): Gauge[] {
  const last = pipeline.minutes.slice(-6, -1);
  const sum = (of: (one: Pipeline['minutes'][number]) => number): number =>
    last.reduce((total, one) => total + of(one), 0);
  const newest = <K extends 'shipping_mean_ms' | 'shipping_max_ms' | 'window_delay_mean_ms'>(key: K) =>
    last.findLast((one) => one[key] !== null)?.[key] ?? null;
  const one = (name: string, help: string, value: number | null): Gauge => ({
    name,
    help,
    values: [{ value }],
  });
  return [
    one(
      'logweir_entries_per_second',
      'Log entries that came, over five minutes.',
      sum((m) => m.entries) / 300,
    ),
    {
      name: 'logweir_shipping_lag_milliseconds',
      help: 'From the event to Pub/Sub, of the last minute with entries.',
      values: [
        { labels: { stat: 'mean' }, value: newest('shipping_mean_ms') },
        { labels: { stat: 'max' }, value: newest('shipping_max_ms') },
      ],
    },
    one(
      'logweir_window_delay_milliseconds',
      'From the end of a window to its row, mean.',
      newest('window_delay_mean_ms'),
    ),
    one(
      'logweir_windows',
      'Windows that ended in the last five minutes.',
      sum((m) => m.windows),
    ),
    one(
      'logweir_windows_revised',
      'Of these, with late entries.',
      sum((m) => m.revised),
    ),
    one(
      'logweir_dead_letters',
      'Records refused in the last five minutes.',
      sum((m) => m.dead_letters),
    ),
    one(
      'logweir_late_entries',
      'Entries too late for their window, last five minutes.',
      sum((m) => m.late_entries),
    ),
    one('logweir_alerts_firing', 'Alerts that fire now.', more.firing),
    one('logweir_tail_listeners', 'Live tails of this instance.', more.listeners),
    {
      name: 'logweir_cost_usd_per_day',
      help: 'What the load of the last ten minutes would cost a day, by component.',
      values: (pipeline.cost?.components ?? []).map(({ component, usd_per_day }) => ({
        labels: { component },
        value: Number(usd_per_day.toFixed(4)),
      })),
    },
  ];
}
