/**
 * Time zones: an instant as local time and back. A local time that a zone has twice is the first of the two, as in
 * BigQuery; DuckDB takes the second. Zones are names or offsets that are known while translating.
 */

import type { Expr } from '../analyze/expr.ts';
import { fill } from '../analyze/expr.ts';
import type { Zone } from '../analyze/literal.ts';
import { parseZone, quoteText } from '../analyze/literal.ts';
import * as types from '../type.ts';
import type { CallSite } from './signature.ts';

export const utcZone: Zone = { kind: 'offset', minutes: 0 };

/** The zone that an argument names; UTC where there is no such argument. */
export function zoneArgument(call: CallSite, index: number): Zone {
  if (index >= call.count) return utcZone;
  const text = call.constant(index, 'time zone');
  const zone = parseZone(text);
  if (!zone) throw call.fail(`Invalid time zone: ${text}`);
  return zone;
}

/** UTC by way of the epoch: 30 times faster than AT TIME ZONE, and the same. */
const utcSql = (instant: string): string => `make_timestamp(epoch_us(${instant}))`;

/** DuckDB text for the local time (TIMESTAMP) of the instant `$1`. */
export function localSql(zone: Zone, instant = '$1'): string {
  if (zone.kind === 'name') return `(${instant} AT TIME ZONE ${quoteText(zone.name)})`;
  const utc = utcSql(instant);
  return zone.minutes === 0 ? utc : `(${utc} + INTERVAL (${zone.minutes}) MINUTE)`;
}

/** DuckDB text for the instant (TIMESTAMPTZ) of the local time `local`, which is computed up to four times. */
export function instantSql(zone: Zone, local = '$1'): string {
  if (zone.kind === 'offset') {
    const utc = zone.minutes === 0 ? local : `(${local} - INTERVAL (${zone.minutes}) MINUTE)`;
    return `make_timestamptz(epoch_us(${utc}))`;
  }
  const name = quoteText(zone.name);
  const later = `(${local} AT TIME ZONE ${name})`;
  const earlier = `(${later} - INTERVAL 1 HOUR)`;
  return `CASE WHEN (${earlier} AT TIME ZONE ${name}) = ${local} THEN ${earlier} ELSE ${later} END`;
}

export const toLocal = (instant: Expr, zone: Zone): Expr =>
  fill(types.DATETIME, localSql(zone), [instant], { origins: zone.kind === 'offset' ? instant.origins : [] });

export const toInstant = (local: Expr, zone: Zone): Expr =>
  fill(types.TIMESTAMP, instantSql(zone), [local], { origins: local.origins });
