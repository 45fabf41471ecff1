/** Times of the week in a time zone: is it now? Pure; daylight saving is the time zone's own business. */
import type { Day, Hours } from './config.ts';

const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether a moment lies in the hours. After midnight still the evening's day counts. */
export function within({ from, to, days, zone }: Hours, nowMs: number): boolean {
  const { minute, day } = local(nowMs, zone);
  if (from <= to) return minute >= from && minute < to && days.includes(day);
  if (minute >= from) return days.includes(day);
  return minute < to && days.includes(local(nowMs - 86_400_000, zone).day);
}

function local(ms: number, zone: string): { readonly minute: number; readonly day: Day } {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    formats.set(zone, format);
  }
  const parts = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
  return {
    minute: Number(parts.hour) * 60 + Number(parts.minute),
    day: (parts.weekday ?? '').toLowerCase() as Day,
  };
}
