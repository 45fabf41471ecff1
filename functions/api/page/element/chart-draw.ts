/** The canvas of a chart: uPlot set up by our tokens. Data change in place; another shape makes another chart. */
import uPlot from 'uplot';
import { tokenValue } from '../theme/theme.ts';
import { sinceTick, timeTick } from './chart-axis.ts';
import { drawMarks, type Mark } from './chart-marks.ts';

export type { Mark };

export interface ChartSeries {
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** A design token, such as `--error`. */
  readonly color: string;
  readonly kind: 'bars' | 'line' | 'area' | 'dash';
}

export interface ChartData {
  readonly height: number;
  readonly times: readonly number[];
  readonly series: readonly ChartSeries[];
  readonly stacked?: boolean;
  readonly span?: readonly [number, number] | undefined;
  readonly marks?: readonly Mark[];
  readonly format: (value: number) => string;
  readonly onSpan?: ((fromMs: number, toMs: number) => void) | undefined;
  readonly sync?: string;
  readonly since?: boolean;
}

export interface Drawn {
  update(): void;
  destroy(): void;
}

const FONT = '11px system-ui, sans-serif';

export function drawChart(
  box: HTMLElement,
  data: () => ChartData,
  onHover: (index: number | null) => void,
): Drawn {
  const chart = new uPlot(optionsOf(box, data, onHover), aligned(data()), box);
  chart.root.setAttribute('aria-hidden', 'true');
  const sizes = new ResizeObserver(() => {
    if (box.clientWidth > 0) chart.setSize({ width: box.clientWidth, height: data().height });
  });
  sizes.observe(box);
  return {
    update: () => chart.setData(aligned(data())),
    destroy() {
      sizes.disconnect();
      chart.destroy();
    },
  };
}

/** uPlot's columns. Stacked: each series is the sum of itself and those before it; the highest is drawn first. */
function aligned({ times, series, stacked }: ChartData): uPlot.AlignedData {
  if (!stacked) return [[...times], ...series.map(({ values }) => [...values])];
  const sums = new Array<number>(times.length).fill(0);
  const columns = series.map(({ values }) =>
    times.map((_, index) => {
      sums[index]! += values[index] ?? 0;
      return sums[index]!;
    }),
  );
  return [[...times], ...columns.reverse()];
}

function optionsOf(
  box: HTMLElement,
  data: () => ChartData,
  onHover: (index: number | null) => void,
): uPlot.Options {
  const { height, series, stacked, format, sync } = data();
  const grid = { stroke: tokenValue('--grid'), width: 1 };
  const axis = { stroke: tokenValue('--muted'), font: FONT, grid, ticks: { show: false } };
  return {
    width: Math.max(50, box.clientWidth),
    height,
    ms: 1,
    padding: [10, 18, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { show: false },
      drag: { x: true, y: false, setScale: false },
      ...(sync === undefined ? {} : { sync: { key: sync } }),
    },
    scales: {
      x: { time: true, range: (_, min, max) => xRange(data(), min, max) },
      y: { range: (_, _min, max) => [0, max == null || max <= 0 ? 1 : max * 1.08] },
    },
    axes: [
      { ...axis, values: data().since ? sinceTick : timeTick, space: 70, size: 24 },
      { ...axis, values: (_, splits) => splits.map((value) => format(value)), size: 52, space: 28 },
    ],
    series: [{}, ...(stacked ? [...series].reverse() : series).map((one) => seriesOf(one, data))],
    hooks: {
      setCursor: [({ cursor }) => onHover(cursor.idx ?? null)],
      setSelect: [(chart) => selected(chart, data)],
      draw: [(chart) => drawMarks(chart, data().marks ?? [])],
    },
  };
}

/** Bars begin at their time: the last one needs its room. */
function xRange({ span, times }: ChartData, min: number | null, max: number | null): uPlot.Range.MinMax {
  if (span !== undefined) return [span[0], span[1]];
  if (min === null || max === null) return [Date.now() - 3_600_000, Date.now()];
  const step = times.length > 1 ? times[1]! - times[0]! : 60_000;
  return [min, Math.max(max, min + step)];
}

function selected(chart: uPlot, data: () => ChartData): void {
  const { left, width } = chart.select;
  const { onSpan } = data();
  if (width < 4 || onSpan === undefined) return;
  const [from, to] = [chart.posToVal(left, 'x'), chart.posToVal(left + width, 'x')];
  chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  onSpan(Math.round(from), Math.round(to));
}

function seriesOf({ label, color, kind }: ChartSeries, data: () => ChartData): uPlot.Series {
  const stroke = tokenValue(color);
  if (kind === 'bars') {
    return {
      label,
      fill: stroke,
      width: 0,
      points: { show: false },
      // Aligned to the bucket's start; as wide as the bucket, less a gap.
      paths: uPlot.paths.bars!({ size: [0.86, 60], align: data().times.length > 1 ? 1 : 0 }),
    };
  }
  return {
    label,
    stroke,
    width: 1.5,
    points: { show: false },
    spanGaps: false,
    ...(kind === 'area' ? { fill: `${stroke}2e` } : {}),
    ...(kind === 'dash' ? { dash: [4, 4] } : {}),
  };
}
