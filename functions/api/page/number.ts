/** Numbers as people read them; what is not known is a dash, never 0. */

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

export const countText = (value: number | null | undefined): string =>
  value == null ? '–' : whole.format(value);

/** 950, 12.3k, 4.56M */
export function shortCount(value: number | null | undefined): string {
  if (value == null) return '–';
  const size = Math.abs(value);
  if (size < 1000)
    return String(size < 10 && !Number.isInteger(value) ? Math.round(value * 10) / 10 : Math.round(value));
  const [divisor, unit] = size < 1e6 ? [1e3, 'k'] : size < 1e9 ? [1e6, 'M'] : [1e9, 'G'];
  const scaled = value / divisor;
  return `${Math.abs(scaled) < 10 ? scaled.toFixed(2) : Math.abs(scaled) < 100 ? scaled.toFixed(1) : Math.round(scaled)}${unit}`;
}

/** 0.0523 → 5.2 % */
export function percentText(share: number | null | undefined): string {
  if (share == null || !Number.isFinite(share)) return '–';
  const value = share * 100;
  if (value === 0 || value === 100) return `${value} %`;
  if (value > 0 && value < 0.1) return '< 0.1 %';
  if (value > 99.9 && value < 100) return '> 99.9 %';
  return `${value < 10 ? value.toFixed(1) : value.toFixed(value > 99 ? 1 : 0)} %`;
}

/** Latencies: 0.4 ms, 87 ms, 1.23 s */
export function latencyText(ms: number | null | undefined): string {
  if (ms == null) return '–';
  if (ms === 0) return '0 ms';
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1000).toFixed(2)} s` : `${(ms / 60_000).toFixed(1)} min`;
}

/** 1.2 MB, in powers of 1000. */
export function bytesText(bytes: number | null | undefined): string {
  if (bytes == null) return '–';
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export const usdText = (usd: number | null | undefined): string =>
  usd == null ? '–' : `$${usd < 10 ? usd.toFixed(2) : whole.format(usd)}`;

/** Any figure of a model or a query: enough digits, no more. */
export function figureText(value: number | null | undefined): string {
  if (value == null) return '–';
  if (Number.isInteger(value)) return whole.format(value);
  const size = Math.abs(value);
  if (size >= 1000) return whole.format(value);
  return size >= 0.001 || size === 0 ? String(Number(value.toPrecision(4))) : value.toExponential(2);
}
