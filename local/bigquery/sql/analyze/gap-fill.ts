/**
 * GAP_FILL: rows at every bucket between the first and the last of each partition. It becomes GoogleSQL of the
 * simpler kind: the buckets by GENERATE_TIMESTAMP_ARRAY, the value of each by the rows before and after it.
 * Source: GoogleSQL "Time series functions".
 */

import { Cursor } from '../parse/cursor.ts';
import { Failures } from '../parse/position.ts';
import { parseQuery } from '../parse/query.ts';
import type { Expression, FromItem, TableArgument } from '../parse/tree.ts';
import { resultSource } from './from.ts';
import { analyzeQuery } from './query.ts';
import { rootEnv } from './root.ts';
import type { Env, Source } from './scope.ts';

type TableCall = Extract<FromItem, { kind: 'tableCall' }>;

interface Gaps {
  /** GoogleSQL text of what is read. */
  readonly rows: string;
  readonly time: string;
  readonly width: string;
  readonly partitions: readonly string[];
  readonly values: readonly { readonly name: string; readonly method: string }[];
}

const methods = new Set(['null', 'locf', 'linear']);

const known = new Set(['TS_COLUMN', 'BUCKET_WIDTH', 'PARTITIONING_COLUMNS', 'VALUE_COLUMNS']);

export function gapFillSource(item: TableCall, env: Env, id: number): Source {
  const { session } = env;
  const text = gapFillText(readGaps(item, env));
  const query = parseQuery(new Cursor(text));
  const { failures } = session;
  session.failures = new Failures(text);
  const result = analyzeQuery(query, { ...rootEnv(session), common: env.common });
  session.failures = failures;
  const alias = session.alias();
  return {
    ...resultSource(result.columns, { sql: alias, name: item.alias ?? 'GAP_FILL', isValue: false, id }),
    rope: ['(', ...result.rope, `) ${alias}`],
  };
}

function readGaps(item: TableCall, env: Env): Gaps {
  const { failures } = env.session;
  const { source } = failures;
  const refuse = (what: string): Error => failures.unsupported(`GAP_FILL with ${what}`, item.at);
  const [first, ...others] = item.args;
  const named = new Map(others.map((arg) => [arg.name ?? '', arg]));
  const strange = [...named.keys()].find((name) => !known.has(name));
  if (!first || first.name !== null || strange !== undefined) throw refuse(strange || 'positional arguments');
  const rows = tableText(first, source);
  const time = textOf(named.get('TS_COLUMN')?.value);
  const width = named.get('BUCKET_WIDTH')?.value;
  if (
    rows === null ||
    time === null ||
    width?.kind !== 'interval' ||
    width.value.kind !== 'integer' ||
    width.to
  )
    throw refuse('these arguments');
  const partitions = listOf(named.get('PARTITIONING_COLUMNS')?.value).map(textOf);
  const values = listOf(named.get('VALUE_COLUMNS')?.value).map((value) => {
    const [name, method] = value.kind === 'struct' ? value.fields.map((field) => textOf(field.value)) : [];
    return { name: name ?? '', method: method ?? '' };
  });
  if (partitions.includes(null) || values.some((one) => one.name === '' || !methods.has(one.method)))
    throw refuse('columns that are not literals');
  return {
    rows,
    time,
    width: `INTERVAL ${width.value.text} ${width.unit}`,
    partitions: partitions as string[],
    values,
  };
}

const textOf = (node: Expression | null | undefined): string | null =>
  node?.kind === 'string' ? node.text : null;

const listOf = (node: Expression | null | undefined): readonly Expression[] =>
  node?.kind === 'array' ? node.items : [];

/** `TABLE t`, or a query in parentheses, as text that can stand in FROM. */
function tableText(arg: TableArgument, source: string): string | null {
  if (arg.table) return arg.table.parts.map(quoted).join('.');
  if (arg.value?.kind !== 'subquery') return null;
  return `(${source.slice(arg.value.query.at, arg.value.query.end)})`;
}

const quoted = (name: string): string => `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;

function gapFillText({ rows, time, width, partitions, values }: Gaps): string {
  const at = quoted(time);
  const keys = partitions.map(quoted);
  const same = (alias: string): string =>
    keys.map((key) => ` AND ${alias}.${key} IS NOT DISTINCT FROM g.${key}`).join('');
  const near = (name: string, side: string, what = 'v'): string =>
    `(SELECT AS STRUCT s.${at} AS t, s.${quoted(name)} AS ${what} FROM rows_ s WHERE s.${quoted(name)} IS NOT NULL AND s.${at} ${side} b${same('s')} ORDER BY s.${at} ${side === '<=' ? 'DESC' : 'ASC'} LIMIT 1)`;
  const columns = values.map(({ name, method }) => {
    if (method === 'locf') return `${near(name, '<=')}.v AS ${quoted(name)}`;
    if (method === 'null')
      return `(SELECT s.${quoted(name)} FROM rows_ s WHERE s.${at} = b${same('s')} LIMIT 1) AS ${quoted(name)}`;
    return `(SELECT IF(p.l.t = p.r.t, p.l.v, p.l.v + (p.r.v - p.l.v) * TIMESTAMP_DIFF(b, p.l.t, MICROSECOND) / TIMESTAMP_DIFF(p.r.t, p.l.t, MICROSECOND)) FROM (SELECT ${near(name, '<=')} AS l, ${near(name, '>=')} AS r) p) AS ${quoted(name)}`;
  });
  const bucket = `TIMESTAMP_BUCKET(lo, ${width})`;
  const list = [`b AS ${at}`, ...keys.map((key) => `g.${key}`), ...columns].join(', ');
  const groups = `SELECT ${[...keys, `MIN(${at}) AS lo`, `MAX(${at}) AS hi`].join(', ')} FROM rows_${keys.length > 0 ? ` GROUP BY ${keys.join(', ')}` : ''}`;
  const first = `IF(${bucket} = lo, lo, TIMESTAMP_ADD(${bucket}, ${width}))`;
  return `WITH rows_ AS (SELECT * FROM ${rows}) SELECT ${list} FROM (${groups}) g, UNNEST(GENERATE_TIMESTAMP_ARRAY(${first}, hi, ${width})) AS b`;
}
