/** Runs beside each other: what they reached, and how it went second by second since their start. */
import { useMemo } from 'preact/hooks';
import type { Experiment, ExperimentDetail } from '../../schema/experiments.ts';
import { api } from '../api.ts';
import { Chart, type ChartSeries } from '../element/chart.tsx';
import { Panel, Shown } from '../element/panel.tsx';
import { visible } from '../element/text.tsx';
import { latencyText, shortCount } from '../number.ts';
import { useResource } from '../resource.ts';

const COLORS = ['--p90', '--warning', '--good', '--p99'];

export function Comparison({ experiments }: { experiments: readonly Experiment[] }) {
  const ids = experiments.map(({ experiment_id }) => experiment_id);
  const details = useResource(`runs ${ids.join(' ')}`, (signal) =>
    Promise.all(ids.map((id) => api.experiment(id, signal))),
  );
  return (
    <Panel title="Compared" note="time since the start of each run">
      <div class="chart-grid">
        <Figures
          title="Throughput, lines/s"
          experiments={experiments}
          of={(one) => one.throughput_lines_per_s}
          format={shortCount}
        />
        <Figures
          title="Latency, p99"
          experiments={experiments}
          of={(one) => one.latency_p99_ms}
          format={latencyText}
        />
      </div>
      <Shown of={details} lines={8}>
        {(runs) => (
          <div class="chart-grid">
            <Lines
              title="Throughput"
              runs={runs}
              points={(run) => metricPoints(run, 'throughput', null)}
              format={shortCount}
            />
            <Lines title="Waiting messages" runs={runs} points={lagPoints} format={shortCount} />
          </div>
        )}
      </Shown>
    </Panel>
  );
}

interface FiguresProps {
  readonly title: string;
  readonly experiments: readonly Experiment[];
  readonly of: (experiment: Experiment) => number | null;
  readonly format: (value: number) => string;
}

function Figures({ title, experiments, of, format }: FiguresProps) {
  const most = Math.max(1e-9, ...experiments.map((one) => of(one) ?? 0));
  return (
    <div>
      <h3>{title}</h3>
      <ul class="bars three">
        {experiments.map((one, index) => {
          const value = of(one);
          return (
            <li key={one.experiment_id}>
              <bdi title={one.name}>{visible(one.name)}</bdi>
              <span class="bar-track" aria-hidden="true">
                <span
                  class="bar-fill"
                  style={{ width: `${((value ?? 0) / most) * 100}%`, background: `var(${COLORS[index]})` }}
                />
              </span>
              <span class="bar-count">{value === null ? '–' : format(value)}</span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

type Points = readonly (readonly [sinceMs: number, value: number])[];

/** Values of one metric since the start, all processes together. */
export function metricPoints(
  { metrics, started_at }: ExperimentDetail,
  metric: string,
  quantile: number | null,
): Points {
  const sums = new Map<number, number>();
  for (const one of metrics) {
    if (one.metric !== metric || one.quantile !== quantile) continue;
    const since = Date.parse(one.measured_at) - Date.parse(started_at);
    sums.set(since, (sums.get(since) ?? 0) + one.value);
  }
  return [...sums].sort(([a], [b]) => a - b);
}

function lagPoints({ lag, started_at }: ExperimentDetail): Points {
  const sums = new Map<number, number>();
  for (const { measured_at, waiting_messages } of lag) {
    const since = Date.parse(measured_at) - Date.parse(started_at);
    sums.set(since, (sums.get(since) ?? 0) + waiting_messages);
  }
  return [...sums].sort(([a], [b]) => a - b);
}

interface LinesProps {
  readonly title: string;
  readonly runs: readonly ExperimentDetail[];
  readonly points: (run: ExperimentDetail) => Points;
  readonly format: (value: number) => string;
}

/** All runs begin at 0: the axis shows the time since then, in UTC. */
function Lines({ title, runs, points, format }: LinesProps) {
  const { times, series } = useMemo(() => {
    const all = runs.map(points);
    const times = [...new Set(all.flatMap((line) => line.map(([since]) => since)))].sort((a, b) => a - b);
    const series = all.map((line, index): ChartSeries => {
      const values = new Map(line);
      return {
        label: visible(runs[index]!.name),
        color: COLORS[index]!,
        kind: 'line',
        values: times.map((since) => values.get(since) ?? null),
      };
    });
    return { times, series };
  }, [runs]);
  return (
    <div>
      <h3>{title}</h3>
      <Chart label={title} height={170} times={times} series={series} format={format} since />
    </div>
  );
}
