/** Where a message leads: the page at that service and time, and a query for those who want the rows. Pure. */

export interface Links {
  readonly page: string;
  readonly silence: string;
  readonly useful: string;
  readonly noise: string;
}

export interface LinkedTo {
  readonly alertId: string;
  readonly service: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Links to the page; null: no page is set up. A link changes nothing by itself: the page asks first. */
export function linksOf(
  pageUrl: string | null,
  { alertId, service, fromMs, untilMs }: LinkedTo,
): Links | null {
  if (pageUrl === null) return null;
  const base = pageUrl.endsWith('/') ? pageUrl : `${pageUrl}/`;
  const url = (view: string, name: string, query: string): string =>
    new URL(`${view}/${segment(name)}?${query}`, base).href;
  const time = new URLSearchParams({
    from: new Date(fromMs).toISOString(),
    to: new Date(untilMs).toISOString(),
  });
  return {
    page: url('services', service, String(time)),
    silence: url('alerts', alertId, 'silence'),
    useful: url('alerts', alertId, 'feedback=useful'),
    noise: url('alerts', alertId, 'feedback=noise'),
  };
}

/** A service may be called anything: what a URL takes for a way up is not one, and half a character is none. */
const segment = (text: string): string =>
  encodeURIComponent(text.replace(/\p{Cs}/gu, '\ufffd')).replace(/^\.{1,2}$/, (dots) =>
    dots.replaceAll('.', '%252E'),
  );

/** The errors of a service in a time, ready for BigQuery and for `logweir sql`. */
export function queryOf({ service, fromMs, untilMs }: LinkedTo, dataset: string): string {
  const at = (ms: number): string => `TIMESTAMP '${new Date(ms).toISOString().slice(0, 19)}Z'`;
  return [
    'SELECT timestamp, severity, message, trace_id',
    `FROM ${dataset}.logs`,
    `WHERE service = ${literal(service)}`,
    `  AND timestamp BETWEEN ${at(fromMs)} AND ${at(untilMs)}`,
    '  AND severity_number >= 500',
    'ORDER BY timestamp',
    'LIMIT 100',
  ].join('\n');
}

/** A GoogleSQL string literal: a service may be called anything; what cannot be seen is written as its number. */
export const literal = (text: string): string =>
  `'${text.replace(/[\\'\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (mark) => {
    if (mark === '\\' || mark === "'") return `\\${mark}`;
    const code = mark.codePointAt(0)!;
    // Half a character is none in SQL.
    if (code >= 0xd800 && code < 0xe000) return '\ufffd';
    return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
  })}'`;

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');
