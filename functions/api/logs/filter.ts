/** Filters of log entries as conditions of SQL, the tenant's among them, with bound parameters. Pure. */
import type { z } from 'zod';
import { severityOfWord } from '../../parse/severity.ts';
import type { Principal } from '../auth/principal.ts';
import { all, type Condition, text, texts, timeUs, when, whole, wholes } from '../question.ts';
import type { tailQuery } from '../schema/tail.ts';
import { labelPattern, searchOf, wordsOf } from './words.ts';

export type LogFilters = Omit<z.output<typeof tailQuery>, never>;

export interface FilterContext {
  readonly principal: Principal;
  /** Label that names the tenant; from a setting that allows letters, digits and _ alone. */
  readonly tenantLabel: string;
}

/** All conditions but the time's. */
export function conditionOf(filters: LogFilters, { principal, tenantLabel }: FilterContext): Condition {
  const { service, severity, min_severity, status, anomaly, pattern, trace, q } = filters;
  return all([
    principal.tenant === null
      ? null
      : when(`JSON_VALUE(labels, '$.${tenantLabel}') = @tenant`, { tenant: text(principal.tenant) }),
    service === undefined ? null : when('service IN UNNEST(@services)', { services: texts(service) }),
    severity === undefined ? null : when('severity IN UNNEST(@severities)', { severities: texts(severity) }),
    min_severity === undefined
      ? null
      : when('severity_number >= @min_severity', { min_severity: whole(severityOfWord(min_severity) ?? 0) }),
    status === undefined ? null : statusOf(status),
    anomaly === undefined ? null : when(anomaly ? 'anomaly_score > 0' : 'anomaly_score = 0'),
    pattern === undefined ? null : when('pattern_id IN UNNEST(@patterns)', { patterns: texts(pattern) }),
    trace === undefined ? null : when('trace_id = @trace', { trace: text(trace) }),
    ...(q === undefined ? [] : searched(q)),
  ]);
}

/** Of [fromUs, toUs). */
export const spanCondition = (fromUs: number, toUs: number): Condition =>
  when('timestamp >= @from_time AND timestamp < @to_time', {
    from_time: timeUs(fromUs),
    to_time: timeUs(toUs),
  });

function statusOf(status: readonly string[]): Condition {
  const exact = status.filter((one) => !one.endsWith('xx')).map(Number);
  const classes = status.filter((one) => one.endsWith('xx')).map((one) => Number(one[0]));
  return when('(http_status IN UNNEST(@statuses) OR DIV(http_status, 100) IN UNNEST(@status_classes))', {
    statuses: wholes(exact),
    status_classes: wholes(classes),
  });
}

function searched(q: string): Condition[] {
  const { phrases, labels } = wordsOf(q);
  return [
    ...phrases.map((phrase, i) => {
      const found = `SEARCH((message, labels), @words_${i})`;
      return when(phrase.not ? `NOT ${found}` : found, { [`words_${i}`]: text(searchOf(phrase)) });
    }),
    ...labels.map((one, i) => {
      const found = `COALESCE(REGEXP_CONTAINS(TO_JSON_STRING(labels), @label_${i}), FALSE)`;
      return when(one.not ? `NOT ${found}` : found, { [`label_${i}`]: text(labelPattern(one)) });
    }),
  ];
}
