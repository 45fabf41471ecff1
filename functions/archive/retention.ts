/**
 * Retention by service: whole days of a service's log entries that are older than its setting are deleted, in BigQuery
 * and in the cold tier, whose files are written anew without them. The first pattern that fits a service counts.
 * Not reached: raw messages. A file of the raw archive mixes services, and a message in it is what its batch id is made
 * of, so it stays whole until LOGWEIR_RETENTION; a replay does not bring back what is past its service's retention.
 * Under pressure: what BigQuery refuses to delete now, rows written in the last half hour, is deleted by a later run.
 */
import { type ColdRemoval, removeFromCold } from './cold-removal.ts';
import { utcDay } from './layout.ts';
import type { StatementParameters } from './statements.ts';
import type { TierEffects } from './tier.ts';

/** How long entries of services are kept, in ms, by name; `*` in a name is any text. */
export type ServiceRetention = Readonly<Record<string, number>>;

export interface Expired extends ColdRemoval {
  /** Rows deleted from log_entries. */
  hotRows: number;
}

/** Deletes what is past its retention. Rejects when a client fails; the next run goes on. */
export async function expireServices(effects: TierEffects, retention: ServiceRetention): Promise<Expired> {
  const expired: Expired = { hotRows: 0, rows: 0, filesReplaced: 0, days: 0 };
  const patterns = Object.keys(retention);
  for (const [i, pattern] of patterns.entries()) {
    const before = utcDay(effects.clock() - retention[pattern]!);
    const fits = `(${patterns
      .slice(0, i + 1)
      .map(fitsNth)
      .join(' AND ')})`;
    const parameters = Object.fromEntries(
      patterns.slice(0, i + 1).map((one, n) => [`services${n}`, serviceExpression(one)]),
    );
    const where = `timestamp < TIMESTAMP '${before} 00:00:00+00' AND ${fits}`;
    expired.hotRows += await expireHot(where, parameters, effects);
    const cold = await removeFromCold(
      { where: `(${where})`, days: `day < DATE '${before}'`, parameters },
      effects,
    );
    expired.rows += cold.rows;
    expired.filesReplaced += cold.filesReplaced;
    expired.days += cold.days;
  }
  return expired;
}

/** The last pattern fits, and none before it. */
const fitsNth = (_: unknown, n: number, all: readonly unknown[]): string =>
  `${n < all.length - 1 ? 'NOT ' : ''}REGEXP_CONTAINS(service, @services${n})`;

async function expireHot(
  where: string,
  parameters: StatementParameters,
  { statements }: TierEffects,
): Promise<number> {
  const [found] = await statements.run(`SELECT COUNT(*) AS n FROM log_entries WHERE ${where}`, parameters);
  const rows = Number(found?.n);
  if (rows > 0) await statements.run(`DELETE FROM log_entries WHERE ${where}`, parameters);
  return rows;
}

const serviceExpression = (pattern: string): string =>
  `^${pattern.replace(/[\\^$.+?()[\]{}|]/g, '\\$&').replaceAll('*', '.*')}$`;

/** Whether entries of a service at a time (ms since the epoch) are past their retention. */
export function isExpired(
  retention: ServiceRetention,
  nowMs: number,
): (service: string, timestampMs: number) => boolean {
  const rules = Object.entries(retention).map(([pattern, keepMs]) => ({
    services: new RegExp(serviceExpression(pattern), 's'),
    beforeMs: Date.parse(utcDay(nowMs - keepMs)),
  }));
  return (service, timestampMs) => {
    const rule = rules.find(({ services }) => services.test(service));
    return rule !== undefined && timestampMs < rule.beforeMs;
  };
}
