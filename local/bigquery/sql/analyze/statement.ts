/** Statements: from tree to what the engine runs. */

import type { Failures } from '../parse/position.ts';
import type { StatementTree } from '../parse/statement-tree.ts';
import type { RoutineInfo, SqlContext, Statement, TableInfo } from '../statement.ts';
import {
  alterObject,
  createSchema,
  createTable,
  createView,
  dropObject,
  dropSchema,
  truncateTable,
} from './ddl.ts';
import { deleteRows, insertRows, updateRows } from './dml.ts';
import { createExternalTable, exportData } from './files.ts';
import { mergeRows } from './merge.ts';
import { variableValue } from './name.ts';
import { rootEnv, rootQuery } from './root.ts';
import { checkRoutine, createFunction, requiredRef, routineInfo } from './routine.ts';
import type { ScriptVariable, TemporaryTable } from './session.ts';
import { Session } from './session.ts';
import { lookUp, tableRef } from './table.ts';

/** A script as it runs: its variables, and the statements before this one. */
export class ScriptState {
  readonly context: SqlContext;
  readonly failures: Failures;
  private variables: ReadonlyMap<string, ScriptVariable> = new Map();
  private routines: ReadonlyMap<string, RoutineInfo> = new Map();
  private tables: ReadonlyMap<string, TemporaryTable> = new Map();
  /** Variables that read tables, which no later statement of the script may change. */
  private readsTables = false;

  constructor(context: SqlContext, failures: Failures) {
    this.context = context;
    this.failures = failures;
  }

  /** Null: DECLARE and SET, which run nothing. */
  next(tree: StatementTree): Statement | null {
    const session = new Session(this.context, this.failures, this.variables);
    if (tree.kind === 'declare') return this.declare(tree, session);
    if (tree.kind === 'set') return this.set(tree, session);
    session.routines = this.routines;
    session.temporary = this.tables;
    if (tree.kind === 'create_table' && tree.isTemporary) return this.temporaryTable(tree, session);
    if (tree.kind === 'create_function' && tree.isTemporary) return this.temporary(tree, session);
    const statement = analyzeStatement(tree, session);
    if (this.readsTables && statement.kind !== 'query')
      throw this.failures.unsupported(
        'changes after a variable or temporary table was made from a table',
        tree.at,
      );
    return statement;
  }

  /** A table of the script alone: its query, as long as nothing changes what it reads. */
  private temporaryTable(tree: Extract<StatementTree, { kind: 'create_table' }>, session: Session): null {
    const { query } = tree;
    if (!query || tree.columns)
      throw this.failures.unsupported('CREATE TEMP TABLE with a list of columns', tree.at);
    const { columns, sql } = rootQuery(query, session);
    if (/\b(?:random|uuid)\(\)/.test(sql))
      throw this.failures.unsupported('CREATE TEMP TABLE of random values', tree.at);
    if (session.uses.length > 0)
      throw this.failures.unsupported('query parameters in CREATE TEMP TABLE', tree.at);
    if (session.tables.size > 0) this.readsTables = true;
    const info: TableInfo = {
      kind: 'VIEW',
      columns,
      partitioning: null,
      requirePartitionFilter: false,
      viewQuery: this.failures.source.slice(query.at, query.end),
      viewDefaultDataset: session.defaultDataset,
    };
    const name = tree.table.parts.at(-1)!.toLowerCase();
    if (this.tables.has(name) && !tree.orReplace && !tree.ifNotExists)
      throw this.failures.error('duplicate', `Already Exists: Table ${tree.table.parts.join('.')}`, tree.at);
    if (!this.tables.has(name) || tree.orReplace)
      this.tables = new Map([...this.tables, [name, { info, variables: this.variables }]]);
    return null;
  }

  /** A function of the script alone. */
  private temporary(tree: Extract<StatementTree, { kind: 'create_function' }>, session: Session): null {
    const info = routineInfo(tree, session);
    checkRoutine(tree, info, session);
    this.routines = new Map([...this.routines, [tree.routine.parts.join('.').toLowerCase(), info]]);
    return null;
  }

  private declare(tree: Extract<StatementTree, { kind: 'declare' }>, session: Session): null {
    for (const name of tree.names) {
      const key = name.toLowerCase();
      if (this.variables.has(key))
        throw this.failures.invalid(`Variable '${name}' redeclaration is not allowed.`, tree.at);
      this.put(key, { value: tree.value, type: tree.type, before: this.variables }, tree.at, session);
    }
    return null;
  }

  private set(tree: Extract<StatementTree, { kind: 'set' }>, session: Session): null {
    const key = tree.name.toLowerCase();
    const known = this.variables.get(key);
    if (!known) throw this.failures.invalid(`Undeclared variable: ${tree.name}`, tree.at);
    this.put(key, { value: tree.value, type: known.type, before: this.variables }, tree.at, session);
    return null;
  }

  /** Looks at the value once, so that what is wrong with it is said at its own place. */
  private put(key: string, variable: ScriptVariable, at: number, session: Session): void {
    variableValue(variable, at, rootEnv(session));
    if (session.tables.size > 0) this.readsTables = true;
    this.variables = new Map([...this.variables, [key, variable]]);
  }
}

type Tree = Exclude<StatementTree, { kind: 'declare' | 'set' }>;

function analyzeStatement(tree: Tree, session: Session): Statement {
  switch (tree.kind) {
    case 'query':
      return { kind: 'query', ...rootQuery(tree.query, session) };
    case 'create_table':
      return createTable(tree, session);
    case 'create_view':
      return createView(tree, session);
    case 'create_function':
      return createFunction(tree, session);
    case 'drop_function': {
      const routine = requiredRef(tree.routine.parts, tree.routine.at, session);
      return { kind: 'drop_function', routine, isTable: tree.isTable, ifExists: tree.ifExists };
    }
    case 'create_external_table':
      return createExternalTable(tree, session);
    case 'create_search_index':
      return searchIndex(tree.kind, tree, tree.ifNotExists, session);
    case 'drop_search_index':
      return searchIndex(tree.kind, tree, tree.ifExists, session);
    case 'export_data':
      return exportData(tree, session);
    case 'create_schema':
      return createSchema(tree, session);
    case 'drop_schema':
      return dropSchema(tree, session);
    case 'drop':
      return dropObject(tree, session);
    case 'alter':
      return alterObject(tree, session);
    case 'truncate':
      return truncateTable(tree, session);
    case 'insert':
      return insertRows(tree, session);
    case 'update':
      return updateRows(tree, session);
    case 'delete':
      return deleteRows(tree, session);
    case 'merge':
      return mergeRows(tree, session);
  }
}

type IndexKind = 'create_search_index' | 'drop_search_index';

function searchIndex(
  kind: IndexKind,
  tree: Extract<StatementTree, { kind: IndexKind }>,
  tolerant: boolean,
  session: Session,
): Statement {
  const table = tableRef(tree.table.parts, tree.table.at, session);
  const info = lookUp(table, session, tree.table.at);
  const columns = tree.kind === 'create_search_index' ? (tree.columns ?? []) : [];
  for (const column of columns) {
    const name = column.parts[0]?.toLowerCase();
    if (!info.columns.some((one) => one.name.toLowerCase() === name))
      throw session.failures.invalid(`Unrecognized name: ${column.parts.join('.')}`, column.at);
  }
  return { kind, table, index: tree.index, tolerant };
}
