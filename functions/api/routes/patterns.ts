/** Paths of patterns of messages. */
import { severityName, severityOfWord } from '../../parse/severity.ts';
import type { Principal } from '../auth/principal.ts';
import { servicePattern } from '../auth/principal.ts';
import type { ApiContext } from '../context.ts';
import { has } from '../pages.ts';
import { all, type Condition, isoOf, text, when, whole } from '../question.ts';
import { answers, type Route, route } from '../route.ts';
import { type Pattern, patterns, patternsQuery } from '../schema/patterns.ts';

const ORDER = {
  '-entries': 'entries DESC',
  '-first_seen': 'first_us DESC',
  '-last_seen': 'last_us DESC',
} as const;

interface PatternRow extends Omit<Pattern, 'severity' | 'first_seen' | 'last_seen'> {
  readonly severity_number: number;
  readonly first_us: number;
  readonly last_us: number;
}

export const patternRoutes = ({ ask }: ApiContext): Route[] => [
  route({
    ...{ method: 'GET', path: '/patterns', tag: 'patterns', role: 'viewer' },
    summary: 'Patterns of messages: the most frequent, the newest, the rare',
    query: patternsQuery,
    answer: answers('Patterns', patterns),
    async handle({ principal, query }) {
      const { service, q, rare, category, min_severity, sort, limit } = query;
      const where = all([
        ofTenant(principal),
        service === undefined ? null : when('@of_service IN UNNEST(services)', { of_service: text(service) }),
        q === undefined ? null : when('STRPOS(LOWER(template), @part) > 0', { part: text(q.toLowerCase()) }),
        query.new === undefined
          ? null
          : when(
              `${query.new ? '' : 'NOT '}first_seen >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR)`,
            ),
        rare === undefined ? null : when(rare ? 'is_rare' : 'NOT is_rare'),
        has('category', category),
        min_severity === undefined
          ? null
          : when('severity_number >= @least', { least: whole(severityOfWord(min_severity) ?? 0) }),
      ]);
      const rows = await ask<PatternRow>({
        sql: `SELECT pattern_id, template, example, services, severity_number, category, UNIX_MICROS(first_seen) AS first_us,
  UNIX_MICROS(last_seen) AS last_us, entries, is_new, is_rare, learned
FROM patterns
WHERE merged_into IS NULL AND ${where.sql}
ORDER BY ${ORDER[sort]}, pattern_id
LIMIT ${limit}`,
        params: where.params,
        sharedMs: 2000,
      });
      return { items: rows.map(patternOf) };
    },
  }),
];

/** A pattern is a tenant's when all services that write it are; of ten or more services not all are named. */
function ofTenant(principal: Principal): Condition | null {
  const pattern = servicePattern(principal);
  return pattern === null
    ? null
    : when(
        'ARRAY_LENGTH(services) BETWEEN 1 AND 9 AND NOT EXISTS (SELECT 1 FROM UNNEST(services) AS one WHERE NOT REGEXP_CONTAINS(one, @own_services))',
        { own_services: text(pattern) },
      );
}

const patternOf = ({ severity_number, first_us, last_us, services, ...rest }: PatternRow): Pattern => ({
  ...rest,
  services: [...(services ?? [])],
  severity: severityName(severity_number as Parameters<typeof severityName>[0]),
  first_seen: isoOf(first_us),
  last_seen: isoOf(last_us),
});
