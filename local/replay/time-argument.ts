/** Times on the command line: ISO 8601, in UTC unless they say otherwise, or how long ago. */
import { InvalidArgumentError } from 'commander';
import { duration } from '../../functions/setting-kinds.ts';

const ISO = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/i;
const ago = duration(0, 3_650 * 86_400_000);

/** `2026-11-20`, `2026-11-20T10:00`, `2026-11-20T12:00+02:00`, `now`, or `2h` for two hours ago; in ms. */
export function readTime(text: string, nowMs: number): number {
  if (text === 'now') return nowMs;
  const agoMs = ago.parse(text);
  if (agoMs !== undefined) return nowMs - agoMs;
  const match = ISO.exec(text);
  const isUtc = match !== null && text.length > 10 && match[1] === undefined;
  const ms = match === null ? Number.NaN : Date.parse(`${text.replace(' ', 'T')}${isUtc ? 'Z' : ''}`);
  if (Number.isFinite(ms)) return ms;
  throw new InvalidArgumentError(
    'allowed: a time such as 2026-11-20 or 2026-11-20T10:00:00Z (UTC unless it says otherwise), "now", or how long ago: 30m, 2h, 7d.',
  );
}
