/**
 * Pipe syntax: `FROM t |> WHERE … |> AGGREGATE …`. Each operator goes into the SELECT that is being built where a
 * SELECT would do it in the same order; where not, what is there becomes a subquery with the alias it had.
 * Source: GoogleSQL "Pipe query syntax".
 */

import { orderItems } from './call.ts';
import type { Cursor } from './cursor.ts';
import { parseExpression } from './expression.ts';
import { joinOnto, parseFrom, turnOf } from './from.ts';
import { selectItem, setPart, setQuantifier } from './query.ts';
import type { Body, Expression, FromItem, OrderItem, Query, Select, SelectItem } from './tree.ts';

/** The SELECT that is being built. */
interface Stage {
  readonly from: FromItem;
  readonly where: Expression | null;
  /** Null: all columns. */
  readonly items: readonly SelectItem[] | null;
  readonly groupBy: readonly Expression[] | null;
  readonly distinct: boolean;
  readonly orderBy: readonly OrderItem[];
  readonly limit: Expression | null;
  readonly offset: Expression | null;
  readonly at: number;
}

const plain = (from: FromItem, at: number): Stage => ({
  from,
  where: null,
  items: null,
  groupBy: null,
  distinct: false,
  orderBy: [],
  limit: null,
  offset: null,
  at,
});

/** From the word FROM on. */
export function pipeFrom(cursor: Cursor): Query {
  const at = cursor.expect('FROM').start;
  return pipes(cursor, plain(parseFrom(cursor), at));
}

/** `|>` after a query. */
export function pipeAfter(cursor: Cursor, query: Query): Query {
  return pipes(cursor, plain({ kind: 'derived', query, alias: null, turn: null, at: query.at }, query.at));
}

function pipes(cursor: Cursor, start: Stage): Query {
  let stage = start;
  for (let count = 0; cursor.accept('|>'); count += 1) {
    if (count > 200) throw cursor.tooDeep(cursor.at);
    stage = operator(cursor, stage);
  }
  return { ...queryOf(stage), end: cursor.tokens[cursor.index - 1]?.end ?? stage.at };
}

const star = (at: number, more: Partial<Extract<SelectItem, { kind: 'star' }>> = {}): SelectItem => ({
  kind: 'star',
  of: null,
  except: [],
  replace: [],
  rename: [],
  at,
  ...more,
});

function selectOf(stage: Stage): Select {
  const { from, where, distinct, groupBy, at } = stage;
  return {
    kind: 'select',
    distinct,
    as: null,
    items: stage.items ?? [star(at)],
    from,
    where,
    groupBy: groupBy && groupBy.length > 0 ? { kind: 'items', sets: [groupBy], at } : null,
    having: null,
    qualify: null,
    windows: new Map(),
    at,
  };
}

function queryOf(stage: Stage, body: Body = selectOf(stage)): Query {
  const { orderBy, limit, offset, at } = stage;
  return { kind: 'query', recursive: false, with: [], body, orderBy, limit, offset, at, end: at };
}

/** The alias by which columns were named so far, if there was one. */
function aliasOfFrom(from: FromItem): string | null {
  if (from.kind === 'table') return from.alias ?? from.path.at(-1) ?? null;
  return from.kind === 'join' ? null : from.alias;
}

/** What is there as a subquery. */
function wrapped(stage: Stage, alias: string | null = aliasOfFrom(stage.from)): Stage {
  return plain({ kind: 'derived', query: queryOf(stage), alias, turn: null, at: stage.at }, stage.at);
}

const hasRows = (stage: Stage): boolean => stage.limit === null && !stage.distinct && stage.groupBy === null;

/** FROM and WHERE alone: names of its tables are still seen. */
const isOpen = (stage: Stage): boolean =>
  hasRows(stage) && stage.items === null && stage.orderBy.length === 0;
const open = (stage: Stage): Stage => (isOpen(stage) ? stage : wrapped(stage));

function operator(cursor: Cursor, stage: Stage): Stage {
  const at = cursor.at;
  const word = cursor.token.text.toUpperCase();
  switch (word) {
    case 'WHERE':
      return where(cursor, stage);
    case 'SELECT':
      return select(cursor, stage);
    case 'EXTEND':
      cursor.next();
      return { ...open(stage), items: [star(at), ...items(cursor)] };
    case 'SET':
      return setColumns(cursor, stage);
    case 'DROP':
      cursor.next();
      return { ...open(stage), items: [star(at, { except: names(cursor) })] };
    case 'RENAME':
      return rename(cursor, stage);
    case 'AGGREGATE':
      return aggregate(cursor, stage);
    case 'ORDER':
      return { ...(stage.limit ? wrapped(stage) : stage), orderBy: orderItems(cursor) };
    case 'LIMIT':
      return limit(cursor, stage);
    case 'DISTINCT':
      cursor.next();
      return { ...open(stage), distinct: true };
    case 'AS':
      cursor.next();
      return wrapped(stage, cursor.identifier());
    case 'PIVOT':
    case 'UNPIVOT': {
      const inside = wrapped(stage);
      if (inside.from.kind !== 'derived') throw cursor.unexpected();
      return plain({ ...inside.from, turn: turnOf(cursor) }, at);
    }
    case 'UNION':
    case 'INTERSECT':
    case 'EXCEPT':
      return setOperation(cursor, stage, word);
    default:
      return joined(cursor, stage);
  }
}

function where(cursor: Cursor, stage: Stage): Stage {
  const at = cursor.next().start;
  const condition = parseExpression(cursor);
  const base = hasRows(stage) && stage.items === null ? stage : wrapped(stage);
  if (!base.where) return { ...base, where: condition };
  return { ...base, where: { kind: 'logical', operator: 'AND', items: [base.where, condition], at } };
}

function select(cursor: Cursor, stage: Stage): Stage {
  cursor.next();
  const distinct = cursor.accept('DISTINCT');
  const base = isOpen(stage) ? stage : wrapped(stage);
  return { ...base, items: items(cursor), distinct };
}

/** Does the next token end the list of an operator? */
const ends = (cursor: Cursor): boolean => cursor.is('|>') || cursor.is(')') || cursor.is(';') || cursor.done;

function items(cursor: Cursor): readonly SelectItem[] {
  const list: SelectItem[] = [];
  do {
    if (ends(cursor)) break;
    list.push(selectItem(cursor));
  } while (cursor.accept(','));
  if (list.length === 0) throw cursor.unexpected();
  return list;
}

const names = (cursor: Cursor) => cursor.list(() => ({ at: cursor.at, name: cursor.identifier() }));

function setColumns(cursor: Cursor, stage: Stage): Stage {
  const at = cursor.next().start;
  const replace = cursor.list(() => {
    const place = cursor.at;
    const name = cursor.identifier();
    cursor.expect('=');
    return { name, value: parseExpression(cursor), at: place };
  });
  return { ...open(stage), items: [star(at, { replace })] };
}

function rename(cursor: Cursor, stage: Stage): Stage {
  const at = cursor.next().start;
  const renamed = cursor.list(() => {
    const place = cursor.at;
    const name = cursor.identifier();
    cursor.accept('AS');
    return { name, to: cursor.identifier(), at: place };
  });
  return { ...open(stage), items: [star(at, { rename: renamed })] };
}

/** Keys first, then aggregates, as the operator puts its columns. */
function aggregate(cursor: Cursor, stage: Stage): Stage {
  cursor.next();
  const computed: SelectItem[] = [];
  const orderBy: OrderItem[] = [];
  const order = (value: Expression): void => {
    const descending = cursor.accept('DESC');
    if (descending || cursor.accept('ASC')) orderBy.push({ value, descending, nulls: null });
  };
  while (!cursor.is('GROUP') && !ends(cursor)) {
    const item = selectItem(cursor);
    computed.push(item);
    if (item.kind === 'expression') order(item.value);
    if (!cursor.accept(',')) break;
  }
  const keys: SelectItem[] = [];
  const groupBy: Expression[] = [];
  if (cursor.accept('GROUP')) {
    const andOrder = cursor.accept('AND');
    if (andOrder) cursor.expect('ORDER');
    cursor.expect('BY');
    do {
      if (ends(cursor)) break;
      const item = selectItem(cursor);
      if (item.kind === 'star') throw cursor.unsupported('* in GROUP BY', item.at);
      keys.push(item);
      groupBy.push(item.value);
      const before = orderBy.length;
      order(item.value);
      if (andOrder && orderBy.length === before)
        orderBy.push({ value: item.value, descending: false, nulls: null });
    } while (cursor.accept(','));
  }
  const list = [...keys, ...computed];
  if (list.length === 0) throw cursor.unexpected();
  return { ...open(stage), items: list, groupBy, orderBy };
}

function limit(cursor: Cursor, stage: Stage): Stage {
  cursor.next();
  const count = parseExpression(cursor);
  const offset = cursor.acceptWords('OFFSET') ? parseExpression(cursor) : null;
  return { ...(stage.limit ? wrapped(stage) : stage), limit: count, offset };
}

function setOperation(cursor: Cursor, stage: Stage, word: 'UNION' | 'INTERSECT' | 'EXCEPT'): Stage {
  const at = cursor.next().start;
  const all = setQuantifier(cursor, word);
  const parts: Body[] = [queryOf(stage), ...cursor.list(() => setPart(cursor))];
  const body: Body = { kind: 'set', operator: word, all, parts, at };
  return plain(
    { kind: 'derived', query: queryOf(plain(stage.from, at), body), alias: null, turn: null, at },
    at,
  );
}

function joined(cursor: Cursor, stage: Stage): Stage {
  const at = cursor.at;
  const left = isOpen(stage) && !stage.where ? stage : wrapped(stage);
  const from = joinOnto(cursor, left.from);
  if (!from) throw cursor.unsupported(`pipe operator ${cursor.token.text.toUpperCase()}`, at);
  return { ...left, from };
}
