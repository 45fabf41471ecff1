/** Statements: from tree to what the engine runs. */

import type { Failures } from '../parse/position.ts';
import type { StatementTree } from '../parse/tree.ts';
import type { SqlContext, Statement } from '../statement.ts';
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
import { mergeRows } from './merge.ts';
import { variableValue } from './name.ts';
import { rootEnv, rootQuery } from './root.ts';
import type { Variable, Variables } from './session.ts';
import { Session } from './session.ts';

/** A script as it runs: its variables, and the statements before this one. */
export class ScriptState {
  readonly context: SqlContext;
  readonly failures: Failures;
  private variables: Variables = new Map();
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
    const statement = analyzeStatement(tree, session);
    if (this.readsTables && statement.kind !== 'query')
      throw this.failures.unsupported('changes after a variable was set from a table', tree.at);
    return statement;
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
  private put(key: string, variable: Variable, at: number, session: Session): void {
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
