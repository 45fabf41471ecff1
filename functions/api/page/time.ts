/** Times in the viewer's zone, with UTC beside. Microseconds of the API are kept in texts, not in Date. */

const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const day = new Intl.DateTimeFormat(undefined, { month: 'short', day: '2-digit' });
const longDay = new Intl.DateTimeFormat(undefined, { year: 'numeric', month: 'short', day: '2-digit' });

export const ms = (iso: string): number => Date.parse(iso);

/** 08:44:00, or 08:44:00.123 */
export function clockText(atMs: number, { millis = false } = {}): string {
  if (!Number.isFinite(atMs)) return '–';
  const text = clock.format(atMs);
  return millis ? `${text}.${String((((atMs % 1000) + 1000) % 1000) | 0).padStart(3, '0')}` : text;
}

export const dayText = (atMs: number): string => (Number.isFinite(atMs) ? day.format(atMs) : '–');

/** Nov 21 08:44:00; with the year where it is another one. */
export function momentText(atMs: number, nowMs = Date.now(), options: { millis?: boolean } = {}): string {
  if (!Number.isFinite(atMs)) return '–';
  const sameYear = new Date(atMs).getFullYear() === new Date(nowMs).getFullYear();
  return `${(sameYear ? day : longDay).format(atMs)} ${clockText(atMs, options)}`;
}

/** 2026-11-21 08:44:00.123456 UTC: what the API said, for hovering. */
export function utcText(iso: string): string {
  if (iso.endsWith('Z')) return `${iso.slice(0, -1).replace('T', ' ')} UTC`;
  const at = Date.parse(iso);
  return Number.isFinite(at) ? `${new Date(at).toISOString().slice(0, -1).replace('T', ' ')} UTC` : iso;
}

/** 12 s, 5 min, 3 h, 2 d */
export function durationText(durationMs: number): string {
  const seconds = Math.max(0, durationMs) / 1000;
  if (seconds < 1) return `${Math.round(durationMs)} ms`;
  if (seconds < 60) return `${seconds < 10 ? round1(seconds) : Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  if (seconds < 86_400) return `${round1(seconds / 3600)} h`;
  return `${round1(seconds / 86_400)} d`;
}

export const agoText = (atMs: number, nowMs = Date.now()): string => {
  const since = nowMs - atMs;
  if (since < -1500) return `in ${durationText(-since)}`;
  return since < 1500 ? 'now' : `${durationText(since)} ago`;
};

const round1 = (value: number): string => String(Math.round(value * 10) / 10);
