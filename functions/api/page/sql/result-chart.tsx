/** A result as a chart: over time where it has a time, else bars of the first column's values. */
import { useMemo } from 'preact/hooks';
import type { SqlResult } from '../../schema/sql.ts';
import { Chart, type ChartSeries } from '../element/chart.tsx';
import { visible } from '../element/text.tsx';
import { figureText } from '../number.ts';
import { cellText } from './cell.ts';

const COLORS = ['--p90', '--warning', '--good', '--p99', '--p95', '--error', '--p50', '--muted'];
const MOST_SERIES = COLORS.length;
const MOST_BARS = 40;
const NUMBER = /^(INT64|INTEGER|FLOAT|FLOAT64|NUMERIC|BIGNUMERIC)$/;

export interface Axes {
  /** Column of times; null: there is none, then bars. */
  readonly time: number | null;
  /** Column of names: a line each, or a bar each. */
  readonly name: number | null;
  readonly numbers: readonly number[];
}

/** null: no chart can be made of it. Pure. */
export function axesOf({ columns, rows }: SqlResult): Axes | null {
  const at = (test: (type: string) => boolean): number[] =>
    columns.flatMap(({ type }, index) => (test(type) ? [index] : []));
  const numbers = at((type) => NUMBER.test(type));
  if (numbers.length === 0 || rows.length === 0) return null;
  const time = at((type) => type === 'TIMESTAMP' || type === 'DATE' || type === 'DATETIME')[0] ?? null;
  return { time, name: at((type) => type === 'STRING')[0] ?? null, numbers: numbers.slice(0, MOST_SERIES) };
}

export function ResultChart({ result, axes }: { result: SqlResult; axes: Axes }) {
  return axes.time === null ? (
    <Bars result={result} axes={axes} />
  ) : (
    <Lines result={result} axes={axes} time={axes.time} />
  );
}

function Lines({ result, axes, time }: { result: SqlResult; axes: Axes; time: number }) {
  const { times, series } = useMemo(() => linesOf(result, axes, time), [result]);
  return <Chart label="Result over time" height={340} times={times} series={series} format={figureText} />;
}

/** A line for each name (of the first number), or for each column of numbers. */
export function linesOf(
  { columns, rows }: SqlResult,
  { name, numbers }: Axes,
  time: number,
): { times: number[]; series: ChartSeries[] } {
  const times = [...new Set(rows.map((row) => Date.parse(cellText(row[time]))))]
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  const place = new Map(times.map((at, index) => [at, index]));
  const lines = new Map<string, (number | null)[]>();
  for (const row of rows) {
    const index = place.get(Date.parse(cellText(row[time])));
    if (index === undefined) continue;
    for (const column of name === null ? numbers : numbers.slice(0, 1)) {
      const label = name === null ? columns[column]!.name : cellText(row[name]);
      let line = lines.get(label);
      if (line === undefined) {
        if (lines.size >= MOST_SERIES) continue;
        line = new Array(times.length).fill(null);
        lines.set(label, line);
      }
      line[index] = row[column] == null ? null : Number(row[column]);
    }
  }
  return {
    times,
    series: [...lines].map(([label, values], index) => ({
      label: visible(label),
      values,
      color: COLORS[index]!,
      kind: 'line',
    })),
  };
}

function Bars({ result, axes }: { result: SqlResult; axes: Axes }) {
  const number = axes.numbers[0]!;
  const rows = result.rows.slice(0, MOST_BARS);
  const most = Math.max(1e-9, ...rows.map((row) => Math.abs(Number(row[number] ?? 0))));
  const label = (row: readonly unknown[]): string =>
    result.columns
      .flatMap(({ type }, index) => (type === 'STRING' ? [cellText(row[index])] : []))
      .join(' · ');
  return (
    <figure>
      <figcaption class="muted small">
        {result.columns[number]!.name}
        {result.rows.length > MOST_BARS && `, the first ${MOST_BARS} rows`}
      </figcaption>
      <ul class="bars result-bars">
        {rows.map((row, index) => (
          <li key={index}>
            <bdi title={label(row)}>{visible(label(row)) || index + 1}</bdi>
            <span class="bar-track" aria-hidden="true">
              <span
                class="bar-fill"
                style={{ width: `${(Math.abs(Number(row[number] ?? 0)) / most) * 100}%` }}
              />
            </span>
            <span class="bar-count">{figureText(row[number] == null ? null : Number(row[number]))}</span>
          </li>
        ))}
      </ul>
    </figure>
  );
}
