/** Throughput, lag and refusals, minute by minute. */
import { useMemo } from 'preact/hooks';
import type { Pipeline } from '../../schema/pipeline.ts';
import { Chart, type ChartSeries } from '../element/chart.tsx';
import { latencyText, shortCount } from '../number.ts';

type Minute = Pipeline['minutes'][number];

export function PipelineCharts({ pipeline }: { pipeline: Pipeline }) {
  const { minutes, from, to } = pipeline;
  const data = useMemo(() => {
    const series = (
      label: string,
      color: string,
      kind: ChartSeries['kind'],
      value: (minute: Minute) => number | null,
    ): ChartSeries => ({
      label,
      color,
      kind,
      values: minutes.map(value),
    });
    return {
      times: minutes.map(({ minute }) => Date.parse(minute)),
      span: [Date.parse(from), Date.parse(to)] as const,
      throughput: [series('entries/s', '--p90', 'area', ({ entries }) => entries / 60)],
      lag: [
        series('event to Pub/Sub', '--p50', 'line', ({ shipping_mean_ms }) => shipping_mean_ms),
        series('at most', '--p50', 'dash', ({ shipping_max_ms }) => shipping_max_ms),
        series('window to row', '--p95', 'line', ({ window_delay_mean_ms }) => window_delay_mean_ms),
      ],
      refused: [
        series('dead letters', '--bar-error', 'bars', ({ dead_letters }) => dead_letters),
        series('late entries', '--bar-warning', 'bars', ({ late_entries }) => late_entries),
      ],
      windows: [
        series('revised', '--bar-warning', 'bars', ({ revised }) => revised),
        series('once', '--info-soft', 'bars', ({ windows, revised }) => windows - revised),
      ],
    };
  }, [pipeline]);
  const common = { times: data.times, span: data.span, sync: 'pipeline', height: 130 } as const;
  return (
    <div class="chart-grid">
      <div>
        <h3>Throughput</h3>
        <Chart {...common} label="Throughput" series={data.throughput} format={shortCount} />
      </div>
      <div>
        <h3>Lag</h3>
        <Chart {...common} label="Lag" series={data.lag} format={latencyText} />
      </div>
      <div>
        <h3>Windows</h3>
        <Chart {...common} label="Windows" series={data.windows} stacked format={shortCount} />
      </div>
      <div>
        <h3>Not taken</h3>
        <Chart
          {...common}
          label="Dead letters and late entries"
          series={data.refused}
          stacked
          format={shortCount}
        />
      </div>
    </div>
  );
}
