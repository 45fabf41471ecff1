/** The last windows as a line: in Unicode for chat, as SVG for mail. Pure. */
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

const WIDTH = 360;
const HEIGHT = 56;

/** Bars in an SVG of 360 × 56; the last value, which alarmed, is red. Holds numbers only, so nothing to escape. */
export function sparklineSvg(values: readonly number[]): string {
  const top = Math.max(0, ...values.filter(Number.isFinite));
  const step = WIDTH / Math.max(1, values.length);
  const bars = values.map((value, i) => {
    const share = top === 0 || !Number.isFinite(value) ? 0 : Math.max(0, value) / top;
    const height = Math.max(1, share * (HEIGHT - 4));
    const fill = i === values.length - 1 ? '#c0262d' : share > 0.5 ? '#e07b39' : '#8fa3b8';
    return `<rect x="${(i * step).toFixed(1)}" y="${(HEIGHT - height).toFixed(1)}" width="${(step * 0.8).toFixed(1)}" height="${height.toFixed(1)}" fill="${fill}"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}">${bars.join('')}</svg>`;
}
