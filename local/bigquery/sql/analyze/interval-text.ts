/**
 * INTERVAL literals of text: `INTERVAL '5' MINUTE`, `INTERVAL '1 2:30' DAY TO MINUTE`, `INTERVAL '1-6' YEAR TO MONTH`.
 * One that has months and shorter parts has no single unit, and is not read. Source: GoogleSQL "Interval type".
 */

const order = ['YEAR', 'MONTH', 'DAY', 'HOUR', 'MINUTE', 'SECOND'];

const micros: Readonly<Record<string, bigint>> = {
  DAY: 86_400_000_000n,
  HOUR: 3_600_000_000n,
  MINUTE: 60_000_000n,
  SECOND: 1_000_000n,
};

export interface IntervalAmount {
  readonly amount: bigint;
  readonly unit: string;
}

/** Null: it is none, or one of months and days together. */
export function intervalText(text: string, from: string, to: string | null): IntervalAmount | null {
  if (to === null) return single(text, from);
  const [first, last] = [order.indexOf(from), order.indexOf(to)];
  if (first < 0 || last <= first) return null;
  if (to === 'MONTH') {
    const [, sign, years, months] = /^([+-]?)(\d+)-(\d+)$/.exec(text) ?? [];
    if (years === undefined || months === undefined) return null;
    const amount = BigInt(years) * 12n + BigInt(months);
    return { amount: sign === '-' ? -amount : amount, unit: 'MONTH' };
  }
  return first < order.indexOf('DAY') ? null : clock(text, order.slice(first, last + 1));
}

function single(text: string, unit: string): IntervalAmount | null {
  if (/^[+-]?\d+$/.test(text)) return { amount: BigInt(text), unit };
  if (unit !== 'SECOND') return null;
  const total = seconds(text);
  return total === null ? null : { amount: total, unit: 'MICROSECOND' };
}

function seconds(text: string): bigint | null {
  const [, sign, whole, fraction = ''] = /^([+-]?)(\d+)(?:\.(\d{1,6}))?$/.exec(text) ?? [];
  if (whole === undefined) return null;
  const amount = BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, '0'));
  return sign === '-' ? -amount : amount;
}

/** Days, then a clock: each with a sign of its own. */
function clock(text: string, units: readonly string[]): IntervalAmount | null {
  const hasDay = units[0] === 'DAY';
  const clockUnits = hasDay ? units.slice(1) : units;
  const number = '(\\d+)';
  const parts = clockUnits.map((unit) => (unit === 'SECOND' ? '(\\d+(?:\\.\\d{1,6})?)' : number));
  const pattern = new RegExp(`^${hasDay ? '([+-]?\\d+) ' : ''}([+-]?)${parts.join(':')}$`);
  const found = pattern.exec(text)?.slice(1);
  if (!found) return null;
  const days = hasDay ? BigInt(found.shift() ?? '0') * micros.DAY! : 0n;
  const negative = found.shift() === '-';
  let total = 0n;
  for (const [i, unit] of clockUnits.entries()) {
    const part = found[i] ?? '0';
    total += unit === 'SECOND' ? (seconds(part) ?? 0n) : BigInt(part) * micros[unit]!;
  }
  return { amount: days + (negative ? -total : total), unit: 'MICROSECOND' };
}
