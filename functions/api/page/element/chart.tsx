/**
 * A chart over time, on uPlot: a legend that tells the values under the pointer, marks for what happened, a drag that
 * chooses a range. Its height is fixed before there are data, so nothing jumps. Canvas is no text: the label sums it up.
 */
import { useEffect, useRef, useState } from 'preact/hooks';
import type uPlot from 'uplot';
import { shownTheme } from '../theme/theme.ts';
import { durationText, momentText } from '../time.ts';
import { type ChartSeries, type Drawn, drawChart, type Mark } from './chart-draw.ts';

export type { ChartSeries, Mark };

export interface ChartProps {
  /** What it shows, for those who do not see it. */
  readonly label: string;
  readonly height: number;
  /** Ascending, in ms. */
  readonly times: readonly number[];
  readonly series: readonly ChartSeries[];
  /** Series stand on each other. */
  readonly stacked?: boolean;
  readonly span?: readonly [fromMs: number, toMs: number] | undefined;
  readonly marks?: readonly Mark[];
  readonly format: (value: number) => string;
  readonly onSpan?: ((fromMs: number, toMs: number) => void) | undefined;
  /** Charts of one name show the pointer at the same time. */
  readonly sync?: string;
  /** Times are since a start, not of the clock. */
  readonly since?: boolean;
}

export function Chart(props: ChartProps) {
  const { label, height, times, series, format, marks = [] } = props;
  const box = useRef<HTMLDivElement>(null);
  const drawn = useRef<Drawn | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const [hover, setHover] = useState<number | null>(null);
  const shape = `${shownTheme.value} ${height} ${props.stacked} ${series.map(({ label, kind, color }) => `${label}/${kind}/${color}`)}`;

  useEffect(() => {
    const chart = drawChart(box.current!, () => latest.current, setHover);
    drawn.current = chart;
    return () => {
      drawn.current = null;
      chart.destroy();
    };
  }, [shape]);
  useEffect(() => drawn.current?.update(), [times, series, props.span?.[0], props.span?.[1], marks]);

  const index = hover !== null && hover < times.length ? hover : null;
  return (
    <figure class="chart">
      <figcaption class="legend">
        {series.map(({ label, color, values }) => (
          <span key={label} class="legend-item">
            <span class="swatch" style={{ background: `var(${color})` }} />
            {label}
            <b>{valueText(index === null ? undefined : values[index], format)}</b>
          </span>
        ))}
        <span class="legend-time">
          {index === null ? '' : props.since ? durationText(times[index]!) : momentText(times[index]!)}
        </span>
      </figcaption>
      <div
        ref={box}
        class="chart-box"
        role="img"
        aria-label={summary(label, props)}
        style={{ height: `${height}px` }}
      />
    </figure>
  );
}

const valueText = (value: number | null | undefined, format: ChartProps['format']): string =>
  value == null ? '' : format(value);

function summary(label: string, { series, times, format, marks = [] }: ChartProps): string {
  if (times.length === 0) return `${label}: nothing to show`;
  const parts = series.map(({ label, values }) => {
    const most = values.reduce<number>((max, value) => Math.max(max, value ?? 0), 0);
    return `${label} up to ${format(most)}`;
  });
  const span = `${momentText(times[0]!)} to ${momentText(times.at(-1)!)}`;
  const told = marks.length === 0 ? '' : `; ${marks.length} marks`;
  return `${label}, ${span}: ${parts.join(', ')}${told}`;
}

export type { uPlot };
