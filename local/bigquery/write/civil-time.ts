/**
 * TIME and DATETIME packed into 64 bits, as Google's clients in other languages send them.
 * Source: CivilTimeEncoder of google-cloud-bigquerystorage for Java.
 */
import { DAY_US, parseDate } from '../rows/parse.ts';

const MICROS_BITS = 20n;

const bits = (packed: bigint, shift: bigint, width: bigint): number =>
  Number((packed >> shift) & ((1n << width) - 1n));

/** Hour (5 bits), minute (6), second (6), microsecond (20) → microseconds since midnight; null: no such time. */
export function civilTime(packed: bigint): bigint | null {
  const micros = bits(packed, 0n, MICROS_BITS);
  const seconds = bits(packed, MICROS_BITS, 6n);
  const minutes = bits(packed, MICROS_BITS + 6n, 6n);
  const hours = bits(packed, MICROS_BITS + 12n, 5n);
  if (hours > 23 || minutes > 59 || seconds > 59 || micros > 999_999) return null;
  return BigInt(hours * 3600 + minutes * 60 + seconds) * 1_000_000n + BigInt(micros);
}

/** Year (14 bits), month (4), day (5), then the time → microseconds since 1970; null: no such moment. */
export function civilDatetime(packed: bigint): bigint | null {
  const time = civilTime(packed);
  const start = MICROS_BITS + 17n;
  const pad = (value: number, width: number): string => String(value).padStart(width, '0');
  const day = bits(packed, start, 5n);
  const month = bits(packed, start + 5n, 4n);
  const year = bits(packed, start + 9n, 14n);
  const days = parseDate(`${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`);
  return time === null || days === null ? null : BigInt(days) * DAY_US + time;
}
