/** What the parser makes of statements: queries aside, their clauses as they were written. No meaning yet. */

import type { Expression, FromItem, Path, Query, TypeTree } from './tree.ts';

/** `OPTIONS(name = value, …)`. */
export interface OptionTree {
  readonly name: string;
  readonly value: Expression;
  readonly at: number;
}

export interface ColumnTree {
  readonly name: string;
  readonly type: ColumnTypeTree;
  readonly notNull: boolean;
  readonly primaryKey: boolean;
  readonly options: readonly OptionTree[];
  readonly at: number;
}

/** A type in a column definition: fields of a STRUCT may have NOT NULL and OPTIONS themselves. */
export interface ColumnTypeTree {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly element?: ColumnTypeTree;
  readonly fields?: readonly ColumnTree[];
  readonly at: number;
}

export interface RoutineArgumentTree {
  readonly name: string;
  /** Text of the type; null: ANY TYPE. */
  readonly type: string | null;
  readonly at: number;
}

export interface MergeWhen {
  readonly matched: 'MATCHED' | 'NOT MATCHED BY TARGET' | 'NOT MATCHED BY SOURCE';
  readonly condition: Expression | null;
  readonly action:
    | { readonly kind: 'update'; readonly set: readonly Assignment[] }
    | { readonly kind: 'delete' }
    | {
        readonly kind: 'insert';
        readonly columns: readonly Path[] | null;
        readonly values: readonly (Expression | null)[] | null;
      };
  readonly at: number;
}

export interface Assignment {
  readonly target: readonly string[];
  /** Null: DEFAULT. */
  readonly value: Expression | null;
  readonly at: number;
}

export type StatementTree =
  | {
      readonly kind: 'declare';
      readonly names: readonly string[];
      readonly type: TypeTree | null;
      readonly value: Expression | null;
      readonly at: number;
    }
  | { readonly kind: 'set'; readonly name: string; readonly value: Expression; readonly at: number }
  | { readonly kind: 'query'; readonly query: Query; readonly at: number }
  | {
      readonly kind: 'create_table';
      readonly table: Path;
      readonly ifNotExists: boolean;
      readonly orReplace: boolean;
      readonly columns: readonly ColumnTree[] | null;
      readonly primaryKey: readonly { readonly name: string; readonly at: number }[];
      readonly partitionBy: Expression | null;
      readonly clusterBy: readonly Path[];
      readonly options: readonly OptionTree[];
      readonly query: Query | null;
      /** CREATE TABLE … LIKE | COPY | CLONE another. */
      readonly model: { readonly copies: boolean; readonly table: Path } | null;
      readonly isTemporary: boolean;
      readonly at: number;
    }
  | {
      readonly kind: 'create_view';
      readonly view: Path;
      readonly materialized: boolean;
      readonly ifNotExists: boolean;
      readonly orReplace: boolean;
      readonly columns:
        | readonly { readonly name: string; readonly options: readonly OptionTree[]; readonly at: number }[]
        | null;
      readonly options: readonly OptionTree[];
      readonly query: Query;
      readonly at: number;
    }
  | {
      readonly kind: 'create_function';
      readonly routine: Path;
      readonly isTable: boolean;
      readonly isTemporary: boolean;
      readonly ifNotExists: boolean;
      readonly orReplace: boolean;
      readonly arguments: readonly RoutineArgumentTree[];
      /** Text of the type after RETURNS. */
      readonly returns: string | null;
      /** Text of the body, without the parentheses around an expression. */
      readonly body: string;
      readonly bodyAt: number;
      readonly options: readonly OptionTree[];
      readonly at: number;
    }
  | {
      readonly kind: 'drop_function';
      readonly routine: Path;
      readonly isTable: boolean;
      readonly ifExists: boolean;
      readonly at: number;
    }
  | {
      readonly kind: 'create_external_table';
      readonly table: Path;
      readonly ifNotExists: boolean;
      readonly orReplace: boolean;
      readonly columns: readonly ColumnTree[] | null;
      /** Null: no WITH PARTITION COLUMNS; empty: to be found in the paths. */
      readonly partitionColumns: readonly ColumnTree[] | null;
      /** WITH CONNECTION; `DEFAULT` alone is the default one. */
      readonly connection: Path | null;
      readonly options: readonly OptionTree[];
      readonly at: number;
    }
  | {
      readonly kind: 'create_search_index';
      readonly index: string;
      readonly table: Path;
      readonly ifNotExists: boolean;
      /** Null: ALL COLUMNS. */
      readonly columns: readonly Path[] | null;
      readonly options: readonly OptionTree[];
      readonly at: number;
    }
  | {
      readonly kind: 'drop_search_index';
      readonly index: string;
      readonly table: Path;
      readonly ifExists: boolean;
      readonly at: number;
    }
  | {
      readonly kind: 'export_data';
      readonly options: readonly OptionTree[];
      readonly query: Query;
      readonly at: number;
    }
  | {
      readonly kind: 'create_schema';
      readonly schema: Path;
      readonly ifNotExists: boolean;
      readonly options: readonly OptionTree[];
      readonly at: number;
    }
  | {
      readonly kind: 'drop_schema';
      readonly schema: Path;
      readonly ifExists: boolean;
      readonly cascade: boolean;
      readonly at: number;
    }
  | {
      readonly kind: 'drop';
      readonly target: 'TABLE' | 'VIEW';
      readonly table: Path;
      readonly ifExists: boolean;
      readonly at: number;
    }
  | {
      readonly kind: 'alter';
      readonly target: 'TABLE' | 'VIEW';
      readonly table: Path;
      readonly ifExists: boolean;
      readonly addColumns: readonly { readonly column: ColumnTree; readonly ifNotExists: boolean }[];
      readonly setOptions: readonly OptionTree[] | null;
      readonly at: number;
    }
  | { readonly kind: 'truncate'; readonly table: Path; readonly at: number }
  | {
      readonly kind: 'insert';
      readonly table: Path;
      readonly columns: readonly Path[] | null;
      /** Null entries: DEFAULT. */
      readonly rows: readonly (readonly (Expression | null)[])[] | null;
      readonly query: Query | null;
      readonly at: number;
    }
  | {
      readonly kind: 'update';
      readonly table: Path;
      readonly alias: string | null;
      readonly set: readonly Assignment[];
      readonly from: FromItem | null;
      readonly where: Expression | null;
      readonly at: number;
    }
  | {
      readonly kind: 'delete';
      readonly table: Path;
      readonly alias: string | null;
      readonly where: Expression | null;
      readonly at: number;
    }
  | {
      readonly kind: 'merge';
      readonly table: Path;
      readonly alias: string | null;
      readonly source: FromItem;
      readonly on: Expression;
      readonly whens: readonly MergeWhen[];
      readonly at: number;
    };
