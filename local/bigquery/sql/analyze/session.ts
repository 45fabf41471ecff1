/** What one statement's translation shares: context, places for errors, what was used so far. */

import type { Failures } from '../parse/position.ts';
import type { Expression, TypeTree } from '../parse/tree.ts';
import type { ParameterUse, RoutineInfo, SqlContext, TableInfo, TableRef } from '../statement.ts';
import type { Expr, Origin } from './expr.ts';

/** A table that must be filtered on its partition column, or on one of them. */
export interface Requirement {
  readonly source: number;
  readonly table: TableRef;
  readonly columns: readonly string[];
  met: boolean;
}

/** A variable of the script: its expression stands wherever it is named. */
export interface ScriptVariable {
  readonly value: Expression | null;
  readonly type: TypeTree | null;
  /** The variables as they were when it was set. */
  readonly before: Variables;
}

/** A variable of the script, or an argument of the table function whose body is read, which is a value already. */
export type Variable = ScriptVariable | { readonly argument: Expr };

/** A temporary table: its query stands wherever it is named. */
export interface TemporaryTable {
  readonly info: TableInfo;
  readonly variables: Variables;
}

export type Variables = ReadonlyMap<string, Variable>;

export class Session {
  readonly context: SqlContext;
  /** Variables of the script, by their names in lower case. */
  variables: Variables;
  readonly uses: ParameterUse[] = [];
  readonly tables = new Map<string, TableRef>();
  readonly requirements: Requirement[] = [];
  /** Temporary functions of the script, by their names in lower case. */
  routines: ReadonlyMap<string, RoutineInfo> = new Map();
  /** Temporary tables of the script, by their names in lower case. */
  temporary: ReadonlyMap<string, TemporaryTable> = new Map();
  /** Source text of the statement, or of the view being expanded. */
  failures: Failures;
  defaultDataset: string | null;
  /** Views being expanded, against cycles. */
  readonly expanding: string[] = [];
  private last = 0;
  private work = 0;

  constructor(context: SqlContext, failures: Failures, variables: Variables = new Map()) {
    this.context = context;
    this.variables = variables;
    this.failures = failures;
    this.defaultDataset = context.defaultDataset;
  }

  /** A number that no other table, layer or source of the statement has. */
  id(): number {
    this.last += 1;
    return this.last;
  }

  /** An alias that no other layer of the statement has. */
  alias(): string {
    return `t${this.id()}`;
  }

  /** Bounds the work of one statement, so that views over views over views end with an error. */
  step(node: { readonly at: number }): void {
    this.work += 1;
    if (this.work > 200_000) {
      throw this.failures.invalid('Resources exceeded during query execution: query is too complex', node.at);
    }
  }

  use(table: TableRef): void {
    this.tables.set(`${table.projectId}.${table.datasetId}.${table.tableId}`, table);
  }

  meet(origins: readonly Origin[]): void {
    for (const origin of origins) {
      const key = origin.column.toLowerCase();
      for (const one of this.requirements) {
        if (one.source === origin.source && one.columns.some((name) => name.toLowerCase() === key))
          one.met = true;
      }
    }
  }

  unexpected(expression: Expression, message: string): Error {
    return this.failures.invalid(message, expression.at);
  }
}
