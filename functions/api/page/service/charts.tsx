/** A service over time: entries and errors, latency quantiles, probability of failure; notes and predictions as marks. */
import { useMemo } from 'preact/hooks';
import type { Prediction } from '../../schema/predictions.ts';
import type { Note } from '../../schema/services.ts';
import type { ServiceWindow, WindowsPage } from '../../schema/windows.ts';
import { Chart, type ChartSeries, type Mark } from '../element/chart.tsx';
import { Empty, Panel, Shown } from '../element/panel.tsx';
import { latencyText, percentText, shortCount } from '../number.ts';
import type { Resource } from '../resource.ts';
import { setSpan } from '../span.ts';

export interface ServiceChartsProps {
  readonly windows: Resource<WindowsPage>;
  readonly notes: readonly Note[];
  readonly predictions: readonly Prediction[];
}

const line = (
  label: string,
  color: string,
  values: (number | null)[],
  kind: ChartSeries['kind'] = 'line',
): ChartSeries => ({
  label,
  color,
  values,
  kind,
});

export function ServiceCharts({ windows, notes, predictions }: ServiceChartsProps) {
  const marks = useMemo(() => marksOf(notes, predictions), [notes, predictions]);
  return (
    <Panel title="Over time" note="one point a window; drag to zoom" class="service-charts">
      <Shown of={windows} lines={12}>
        {({ items, from, to }) =>
          items.length === 0 ? (
            <Empty title="No windows in this range">
              The first one closes some seconds after the first entry.
            </Empty>
          ) : (
            <Charts windows={items} span={[Date.parse(from), Date.parse(to)]} marks={marks} />
          )
        }
      </Shown>
    </Panel>
  );
}

function Charts({
  windows,
  span,
  marks,
}: {
  windows: readonly ServiceWindow[];
  span: readonly [number, number];
  marks: Mark[];
}) {
  const data = useMemo(() => columnsOf([...windows].reverse()), [windows]);
  const common = { times: data.times, span, marks, sync: 'service', onSpan: setSpan } as const;
  return (
    <div class="chart-grid">
      <div>
        <h3>Entries and errors</h3>
        <Chart
          {...common}
          label="Entries and errors"
          height={150}
          series={data.counts}
          stacked
          format={shortCount}
        />
      </div>
      <div>
        <h3>Latency</h3>
        <Chart
          {...common}
          label="Latency quantiles"
          height={150}
          series={data.latency}
          format={latencyText}
        />
      </div>
      <div>
        <h3>Error rate</h3>
        <Chart {...common} label="Error rate" height={110} series={data.rate} format={percentText} />
      </div>
      <div>
        <h3>Probability of failure</h3>
        <Chart
          {...common}
          label="Probability of failure and scores"
          height={110}
          series={data.scores}
          format={percentText}
        />
      </div>
    </div>
  );
}

function columnsOf(windows: readonly ServiceWindow[]) {
  const of = (value: (window: ServiceWindow) => number | null): (number | null)[] => windows.map(value);
  return {
    times: windows.map(({ window_start }) => Date.parse(window_start)),
    counts: [
      line(
        'errors',
        '--error',
        of(({ errors }) => errors),
        'bars',
      ),
      line(
        'others',
        '--info-soft',
        of(({ entries, errors }) => entries - errors),
        'bars',
      ),
    ],
    latency: [
      line(
        'p50',
        '--p50',
        of((one) => one.latency_p50_ms),
      ),
      line(
        'p90',
        '--p90',
        of((one) => one.latency_p90_ms),
      ),
      line(
        'p95',
        '--p95',
        of((one) => one.latency_p95_ms),
      ),
      line(
        'p99',
        '--p99',
        of((one) => one.latency_p99_ms),
      ),
    ],
    rate: [
      line(
        'error rate',
        '--error',
        of((one) => one.error_rate),
        'area',
      ),
    ],
    scores: [
      line(
        'failure',
        '--warning',
        of((one) => one.failure_probability),
        'area',
      ),
      line(
        'verdict',
        '--error',
        of((one) => one.verdict_score),
      ),
      line(
        'forest',
        '--p90',
        of((one) => one.forest_score),
        'dash',
      ),
    ],
  };
}

function marksOf(notes: readonly Note[], predictions: readonly Prediction[]): Mark[] {
  return [
    ...notes.map(
      ({ at, kind }): Mark => ({
        atMs: Date.parse(at),
        shape: 'line',
        color: kind === 'deployment' ? '--accent' : '--muted',
      }),
    ),
    ...predictions
      .filter(({ model }) => model === 'lstm' || model === 'verdict')
      .map(
        ({ window_start }): Mark => ({
          atMs: Date.parse(window_start),
          shape: 'diamond',
          color: '--warning',
        }),
      ),
  ];
}
