/** The last windows as a line of Unicode, for chat and for mail without pictures; png.ts draws it. Pure. */
const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** One character a value, scaled to the largest; what is no number is a gap. */
export function sparkline(values: readonly number[]): string {
  const top = Math.max(0, ...values.filter(Number.isFinite));
  return values
    .map((value) =>
      Number.isFinite(value)
        ? BARS[top === 0 ? 0 : Math.min(7, Math.floor((8 * Math.max(0, value)) / top))]
        : '·',
    )
    .join('');
}
