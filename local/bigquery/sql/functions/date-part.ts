/** Parts of dates and times, as they stand in calls: DAY, WEEK(MONDAY), ISOYEAR, … */

import type { Expression } from '../parse/tree.ts';

export interface DatePart {
  readonly name: string;
  /** Of WEEK: the day that a week begins with, 0 = Sunday. */
  readonly weekStart: number;
}

const days = ['SUNDAY', 'MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY'];

const names = new Set(
  `MICROSECOND MILLISECOND SECOND MINUTE HOUR DAY DAYOFWEEK DAYOFYEAR WEEK ISOWEEK MONTH QUARTER YEAR ISOYEAR
  DATE TIME DATETIME`.split(/\s+/),
);

/** Null: no part of a date or time. */
export function datePart(node: Expression): DatePart | null {
  if (node.kind === 'name' && !node.quoted) {
    const name = node.name.toUpperCase();
    return names.has(name) ? { name, weekStart: name === 'ISOWEEK' ? 1 : 0 } : null;
  }
  if (node.kind !== 'call' || node.name.length !== 1 || node.name[0] !== 'WEEK' || node.args.length !== 1)
    return null;
  const day = node.args[0]!.value;
  const weekStart = day.kind === 'name' ? days.indexOf(day.name.toUpperCase()) : -1;
  return weekStart < 0 ? null : { name: 'WEEK', weekStart };
}

/** Microseconds of the parts that are always the same length. */
export const partMicros: Readonly<Record<string, number>> = {
  MICROSECOND: 1,
  MILLISECOND: 1_000,
  SECOND: 1_000_000,
  MINUTE: 60_000_000,
  HOUR: 3_600_000_000,
  DAY: 86_400_000_000,
};

export const partMonths: Readonly<Record<string, number>> = { MONTH: 1, QUARTER: 3, YEAR: 12 };
export const partDays: Readonly<Record<string, number>> = { DAY: 1, WEEK: 7 };

/** How the part is named in messages. */
export const partText = (part: DatePart): string =>
  part.name === 'WEEK' && part.weekStart > 0 ? `WEEK(${days[part.weekStart]})` : part.name;

export type DateKind = 'DATE' | 'DATETIME' | 'TIMESTAMP';

/**
 * DATE_ADD, TIMESTAMP_TRUNC and their kind take the other kinds of dates too, and then do what their own function
 * does: the kind of the argument, where it does not coerce to the one that the name says.
 */
export function dateKind(own: DateKind, given: string): DateKind {
  if (given === own || (own === 'DATETIME' && given === 'DATE')) return own;
  if (own === 'TIMESTAMP' && given === 'DATE') return 'DATETIME';
  return given === 'DATE' || given === 'DATETIME' || given === 'TIMESTAMP' ? given : own;
}

export const timeParts = ['MICROSECOND', 'MILLISECOND', 'SECOND', 'MINUTE', 'HOUR'];
export const dateParts = ['DAY', 'WEEK', 'ISOWEEK', 'MONTH', 'QUARTER', 'YEAR', 'ISOYEAR'];
