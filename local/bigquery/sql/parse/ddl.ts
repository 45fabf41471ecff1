/** CREATE, DROP and ALTER of schemas, tables and views. Source: GoogleSQL "Data definition language". */

import type { Cursor } from './cursor.ts';
import { parseExpression } from './expression.ts';
import { tablePath } from './from.ts';
import { parseQuery } from './query.ts';
import { createExternalTable, createFunction, createSearchIndex } from './routine.ts';
import type { ColumnTree, ColumnTypeTree, OptionTree, StatementTree } from './statement-tree.ts';
import type { Expression } from './tree.ts';
import { TypeCloser, typeName, typeParameters } from './type.ts';

export function create(cursor: Cursor): StatementTree {
  const at = cursor.next().start;
  const orReplace = cursor.acceptWords('OR', 'REPLACE');
  if (cursor.acceptWords('SCHEMA')) return createSchema(cursor, orReplace, at);
  if (cursor.isWord('TABLE') && !cursor.isWord('FUNCTION', 1)) return createTable(cursor, orReplace, at);
  if (cursor.isWord('VIEW')) return createView(cursor, orReplace, at, false);
  if (cursor.acceptWords('MATERIALIZED')) return createView(cursor, orReplace, at, true);
  if (cursor.acceptWords('TABLE', 'FUNCTION'))
    return createFunction(cursor, { orReplace, at, isTable: true });
  const isTemporary = cursor.acceptWords('TEMP') || cursor.acceptWords('TEMPORARY');
  if (cursor.acceptWords('FUNCTION')) return createFunction(cursor, { orReplace, at, isTemporary });
  if (!isTemporary && cursor.acceptWords('EXTERNAL', 'TABLE'))
    return createExternalTable(cursor, orReplace, at);
  if (!isTemporary && cursor.acceptWords('SEARCH', 'INDEX')) return createSearchIndex(cursor, at);
  if (isTemporary && cursor.isWord('TABLE')) return createTable(cursor, orReplace, at, true);
  if (cursor.acceptWords('SNAPSHOT')) return createTable(cursor, orReplace, at);
  const words = [cursor.token.text, cursor.isIdentifier(1) ? cursor.ahead(1).text : ''];
  throw cursor.unsupported(`CREATE ${words.join(' ').toUpperCase().trim()}`);
}

const ifNot = (cursor: Cursor): boolean => cursor.acceptWords('IF', 'NOT', 'EXISTS');
const ifThere = (cursor: Cursor): boolean => cursor.acceptWords('IF', 'EXISTS');

function createSchema(cursor: Cursor, orReplace: boolean, at: number): StatementTree {
  if (orReplace) throw cursor.unexpected();
  const ifNotExists = ifNot(cursor);
  const schema = tablePath(cursor);
  if (cursor.is('DEFAULT')) throw cursor.unsupported('DEFAULT COLLATE');
  return { kind: 'create_schema', schema, ifNotExists, options: optionsIfAny(cursor), at };
}

function createTable(cursor: Cursor, orReplace: boolean, at: number, isTemporary = false): StatementTree {
  cursor.expectWord('TABLE');
  const ifNotExists = ifNot(cursor);
  const table = tablePath(cursor);
  const copies = cursor.acceptWords('COPY') || cursor.acceptWords('CLONE');
  const model = copies || cursor.accept('LIKE') ? { copies, table: tablePath(cursor) } : null;
  const elements = cursor.is('(') ? tableElements(cursor) : null;
  if (cursor.is('DEFAULT')) throw cursor.unsupported('DEFAULT COLLATE');
  let partitionBy: Expression | null = null;
  if (cursor.accept('PARTITION')) {
    cursor.expect('BY');
    partitionBy = parseExpression(cursor);
  }
  const clustered = cursor.acceptWords('CLUSTER', 'BY');
  const clusterBy = clustered ? cursor.list(() => tablePath(cursor)) : [];
  if (cursor.is('WITH')) throw cursor.unsupported('CREATE TABLE WITH CONNECTION');
  const options = optionsIfAny(cursor);
  const query = cursor.accept('AS') ? queryOf(cursor) : null;
  if (!elements && !query && !model) throw cursor.expected('"(" or keyword AS');
  const { columns, primaryKey } = elements ?? { columns: null, primaryKey: [] };
  return {
    kind: 'create_table',
    table,
    ifNotExists,
    orReplace,
    columns,
    primaryKey,
    partitionBy,
    clusterBy,
    options,
    query,
    model,
    isTemporary,
    at,
  };
}

function queryOf(cursor: Cursor) {
  return parseQuery(cursor);
}

interface Elements {
  readonly columns: readonly ColumnTree[];
  readonly primaryKey: readonly { readonly name: string; readonly at: number }[];
}

function tableElements(cursor: Cursor): Elements {
  cursor.expect('(');
  const columns: ColumnTree[] = [];
  const primaryKey: { name: string; at: number }[] = [];
  while (!cursor.is(')')) {
    if (cursor.isWord('PRIMARY') && cursor.isWord('KEY', 1)) {
      cursor.index += 2;
      cursor.expect('(');
      primaryKey.push(...cursor.list(() => ({ at: cursor.at, name: cursor.identifier() })));
      cursor.expect(')');
      notEnforced(cursor);
    } else if (cursor.areWords('FOREIGN', 'KEY') || (cursor.isWord('CONSTRAINT') && cursor.isIdentifier(1))) {
      throw cursor.unsupported('table constraints other than PRIMARY KEY');
    } else {
      columns.push(column(cursor, new TypeCloser()));
    }
    if (!cursor.accept(',')) break;
  }
  cursor.expect(')');
  for (const one of columns) if (one.primaryKey) primaryKey.push({ name: one.name, at: one.at });
  return { columns, primaryKey };
}

function notEnforced(cursor: Cursor): void {
  if (!cursor.acceptWords('NOT', 'ENFORCED')) {
    throw cursor.failures.invalid('Enforced primary keys are not supported; use NOT ENFORCED', cursor.at);
  }
}

export function column(cursor: Cursor, closer: TypeCloser): ColumnTree {
  const at = cursor.at;
  const name = cursor.identifier();
  const type = columnType(cursor, closer);
  let notNull = false;
  let primaryKey = false;
  for (;;) {
    if (cursor.acceptWords('NOT', 'NULL')) notNull = true;
    else if (cursor.acceptWords('PRIMARY', 'KEY')) {
      notEnforced(cursor);
      primaryKey = true;
    } else if (cursor.is('DEFAULT') || cursor.isWord('GENERATED'))
      throw cursor.unsupported('column defaults');
    else if (cursor.is('COLLATE')) throw cursor.unsupported('COLLATE');
    else if (cursor.isWord('REFERENCES') || cursor.isWord('CONSTRAINT')) {
      throw cursor.unsupported('column constraints other than NOT NULL and PRIMARY KEY');
    } else break;
  }
  return { name, type, notNull, primaryKey, options: optionsIfAny(cursor), at };
}

function columnType(cursor: Cursor, closer: TypeCloser): ColumnTypeTree {
  const at = cursor.at;
  return cursor.nested(() => {
    if (cursor.accept('ARRAY')) {
      cursor.expect('<');
      const element = columnType(cursor, closer);
      if (cursor.acceptWords('NOT', 'NULL')) throw cursor.unsupported('NOT NULL inside ARRAY');
      closer.close(cursor);
      return { name: 'ARRAY', parameters: [], element, at };
    }
    if (cursor.accept('STRUCT')) {
      cursor.expect('<');
      const fields: ColumnTree[] = [];
      do fields.push(column(cursor, closer));
      while (closer.pending === 0 && cursor.accept(','));
      closer.close(cursor);
      return { name: 'STRUCT', parameters: [], fields, at };
    }
    return { name: typeName(cursor), parameters: typeParameters(cursor), at };
  });
}

export function optionsIfAny(cursor: Cursor): readonly OptionTree[] {
  return cursor.acceptWords('OPTIONS') ? optionList(cursor) : [];
}

function optionList(cursor: Cursor): readonly OptionTree[] {
  cursor.expect('(');
  if (cursor.accept(')')) return [];
  const options = cursor.list(() => {
    const at = cursor.at;
    const name = cursor.identifier().toLowerCase();
    cursor.expect('=');
    return { name, value: parseExpression(cursor), at };
  });
  cursor.expect(')');
  return options;
}

function createView(cursor: Cursor, orReplace: boolean, at: number, materialized: boolean): StatementTree {
  cursor.expectWord('VIEW');
  const ifNotExists = ifNot(cursor);
  const view = tablePath(cursor);
  let columns: { name: string; options: readonly OptionTree[]; at: number }[] | null = null;
  if (cursor.accept('(')) {
    columns = cursor.list(() => ({
      at: cursor.at,
      name: cursor.identifier(),
      options: optionsIfAny(cursor),
    }));
    cursor.expect(')');
  }
  if (cursor.is('PARTITION') || cursor.acceptWords('CLUSTER', 'BY')) skipStorage(cursor);
  const options = optionsIfAny(cursor);
  cursor.expect('AS');
  return {
    kind: 'create_view',
    view,
    materialized,
    ifNotExists,
    orReplace,
    columns,
    options,
    query: parseQuery(cursor),
    at,
  };
}

export function drop(cursor: Cursor): StatementTree {
  const at = cursor.next().start;
  if (cursor.acceptWords('SCHEMA')) {
    const ifExists = ifThere(cursor);
    const schema = tablePath(cursor);
    const cascade = cursor.acceptWords('CASCADE');
    if (!cascade) cursor.acceptWords('RESTRICT');
    return { kind: 'drop_schema', schema, ifExists, cascade, at };
  }
  const isTable = cursor.acceptWords('TABLE', 'FUNCTION');
  if (isTable || cursor.acceptWords('FUNCTION')) {
    const ifExists = ifThere(cursor);
    return { kind: 'drop_function', routine: tablePath(cursor), isTable, ifExists, at };
  }
  if (cursor.acceptWords('SEARCH', 'INDEX')) {
    const ifExists = ifThere(cursor);
    const index = cursor.identifier();
    cursor.expect('ON');
    return { kind: 'drop_search_index', index, table: tablePath(cursor), ifExists, at };
  }
  if (cursor.isWord('MATERIALIZED') || cursor.isWord('EXTERNAL')) cursor.next();
  const target = cursor.isWord('TABLE') ? 'TABLE' : cursor.isWord('VIEW') ? 'VIEW' : null;
  if (!target) throw cursor.unsupported(`DROP ${cursor.token.text.toUpperCase()}`);
  cursor.next();
  const ifExists = ifThere(cursor);
  return { kind: 'drop', target, table: tablePath(cursor), ifExists, at };
}

export function alter(cursor: Cursor): StatementTree {
  const at = cursor.next().start;
  const target = cursor.isWord('TABLE') ? 'TABLE' : cursor.isWord('VIEW') ? 'VIEW' : null;
  if (!target) throw cursor.unsupported(`ALTER ${cursor.token.text.toUpperCase()}`);
  cursor.next();
  const ifExists = ifThere(cursor);
  const table = tablePath(cursor);
  if (cursor.accept('SET')) {
    cursor.expectWord('OPTIONS');
    return { kind: 'alter', target, table, ifExists, addColumns: [], setOptions: optionList(cursor), at };
  }
  if (target === 'VIEW' || !cursor.areWords('ADD', 'COLUMN')) {
    throw cursor.unsupported(`ALTER ${target} other than ADD COLUMN and SET OPTIONS`);
  }
  const addColumns = cursor.list(() => {
    if (!cursor.acceptWords('ADD', 'COLUMN'))
      throw cursor.unsupported('ALTER TABLE other than ADD COLUMN and SET OPTIONS');
    const ifNotExists = ifNot(cursor);
    return { ifNotExists, column: column(cursor, new TypeCloser()) };
  });
  return { kind: 'alter', target, table, ifExists, addColumns, setOptions: null, at };
}

/** PARTITION BY and CLUSTER BY of a materialized view: it is computed anew each time, so they say nothing here. */
function skipStorage(cursor: Cursor): void {
  if (cursor.accept('PARTITION')) {
    cursor.expect('BY');
    parseExpression(cursor);
    if (!cursor.acceptWords('CLUSTER', 'BY')) return;
  }
  cursor.list(() => tablePath(cursor));
}
