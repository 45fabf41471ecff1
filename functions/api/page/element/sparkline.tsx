/** A small picture of a series: entries as an area, errors as bars on the same scale. Decoration: figures stand beside. */

export interface SparklineProps {
  readonly values: readonly number[];
  /** The bad part of each value. */
  readonly bad?: readonly number[];
}

const WIDTH = 120;
const HEIGHT = 28;

export function Sparkline({ values, bad }: SparklineProps) {
  const most = Math.max(1, ...values);
  const step = WIDTH / Math.max(1, values.length - 1);
  const y = (value: number): number => HEIGHT - 1 - (value / most) * (HEIGHT - 3);
  const line = values.map((value, index) => `${(index * step).toFixed(1)},${y(value).toFixed(1)}`).join('L');
  const barWidth = Math.max(1, WIDTH / Math.max(1, values.length) - 1);
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      {values.length > 1 && <path class="spark-area" d={`M0,${HEIGHT}L${line}L${WIDTH},${HEIGHT}Z`} />}
      {values.length > 1 && <path class="spark-line" d={`M${line}`} />}
      {bad?.map((value, index) =>
        value > 0 ? (
          <rect
            key={index}
            class="spark-bad"
            x={Math.min(WIDTH - barWidth, Math.max(0, index * step - barWidth / 2))}
            y={Math.min(y(value), HEIGHT - 2)}
            width={barWidth}
            height={Math.max(1.5, HEIGHT - y(value))}
          />
        ) : null,
      )}
    </svg>
  );
}
