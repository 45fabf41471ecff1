/** A time as RFC 3339 prints it, to the microsecond: `2026-11-20T10:00:00.123456Z`; no zeros behind milliseconds. */
export function isoTime(us: number): string {
  const ms = Math.floor(us / 1000);
  const rest = us - ms * 1000;
  const iso = new Date(ms).toISOString();
  return rest === 0 ? iso : `${iso.slice(0, -1)}${String(rest).padStart(3, '0')}Z`;
}
