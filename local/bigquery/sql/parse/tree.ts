/** What the parser makes of GoogleSQL: a tree that keeps names as written and offsets for errors. No meaning yet. */

/** A type as written: `ARRAY<STRUCT<a INT64>>`, `STRING(10)`. */
export interface TypeTree {
  /** Upper case: `INT64`, `ARRAY`, `STRUCT`, … */
  readonly name: string;
  /** Numbers in parentheses, as written. */
  readonly parameters: readonly string[];
  readonly element?: TypeTree;
  readonly fields?: readonly { readonly name: string | null; readonly type: TypeTree }[];
  readonly at: number;
}

export interface OrderItem {
  readonly value: Expression;
  readonly descending: boolean;
  readonly nulls: 'FIRST' | 'LAST' | null;
}

export interface FrameBound {
  readonly kind: 'UNBOUNDED PRECEDING' | 'PRECEDING' | 'CURRENT ROW' | 'FOLLOWING' | 'UNBOUNDED FOLLOWING';
  readonly offset: Expression | null;
}

export interface WindowSpec {
  readonly base: string | null;
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly OrderItem[];
  readonly frame: {
    readonly unit: 'ROWS' | 'RANGE';
    readonly start: FrameBound;
    readonly end: FrameBound;
  } | null;
  readonly at: number;
}

export interface Argument {
  /** `name => value`. */
  readonly name: string | null;
  readonly value: Expression;
  /** `INTERVAL 1 DAY` is kept as `interval` expression; `TABLE t` arguments are refused by the parser. */
}

export interface Call {
  readonly kind: 'call';
  /** `['SAFE','SUBSTR']`, `['NET','HOST']`: upper case. */
  readonly name: readonly string[];
  /** The same as it was written: names of routines mind case. */
  readonly written: readonly string[];
  readonly args: readonly Argument[];
  readonly star: boolean;
  readonly distinct: boolean;
  readonly nulls: 'IGNORE' | 'RESPECT' | null;
  readonly having: { readonly kind: 'MAX' | 'MIN'; readonly value: Expression } | null;
  readonly orderBy: readonly OrderItem[];
  readonly limit: Expression | null;
  readonly over: WindowSpec | null;
  readonly at: number;
}

export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '||'
  | '<<'
  | '>>'
  | '&'
  | '^'
  | '|'
  | '='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>=';

export type Expression =
  | { readonly kind: 'integer' | 'float' | 'string' | 'bytes'; readonly text: string; readonly at: number }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly at: number }
  | { readonly kind: 'null'; readonly at: number }
  | { readonly kind: 'typed'; readonly type: string; readonly text: string; readonly at: number }
  | {
      readonly kind: 'interval';
      readonly value: Expression;
      readonly unit: string;
      readonly to: string | null;
      readonly at: number;
    }
  | { readonly kind: 'name'; readonly name: string; readonly quoted: boolean; readonly at: number }
  | { readonly kind: 'dot'; readonly of: Expression; readonly name: string; readonly at: number }
  | { readonly kind: 'index'; readonly of: Expression; readonly index: Expression; readonly at: number }
  | {
      readonly kind: 'parameter';
      readonly name: string | null;
      readonly position: number;
      readonly at: number;
    }
  | { readonly kind: 'system'; readonly name: string; readonly at: number }
  | {
      readonly kind: 'unary';
      readonly operator: '-' | '+' | '~' | 'NOT';
      readonly value: Expression;
      readonly at: number;
    }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly at: number;
    }
  | {
      readonly kind: 'logical';
      readonly operator: 'AND' | 'OR';
      readonly items: readonly Expression[];
      readonly at: number;
    }
  | {
      readonly kind: 'between';
      readonly value: Expression;
      readonly low: Expression;
      readonly high: Expression;
      readonly not: boolean;
      readonly at: number;
    }
  | {
      readonly kind: 'in';
      readonly value: Expression;
      readonly set: InSet;
      readonly not: boolean;
      readonly at: number;
    }
  | {
      readonly kind: 'like';
      readonly value: Expression;
      readonly patterns: readonly Expression[];
      readonly quantifier: 'ANY' | 'ALL' | null;
      readonly not: boolean;
      readonly at: number;
    }
  | {
      readonly kind: 'is';
      readonly value: Expression;
      readonly what: 'NULL' | 'TRUE' | 'FALSE' | 'UNKNOWN';
      readonly not: boolean;
      readonly at: number;
    }
  | {
      readonly kind: 'distinct';
      readonly left: Expression;
      readonly right: Expression;
      readonly not: boolean;
      readonly at: number;
    }
  | {
      readonly kind: 'case';
      readonly value: Expression | null;
      readonly whens: readonly { readonly when: Expression; readonly result: Expression }[];
      readonly otherwise: Expression | null;
      readonly at: number;
    }
  | {
      readonly kind: 'cast';
      readonly value: Expression;
      readonly type: TypeTree;
      readonly safe: boolean;
      readonly at: number;
    }
  | {
      readonly kind: 'extract';
      readonly part: Expression;
      readonly value: Expression;
      readonly zone: Expression | null;
      readonly at: number;
    }
  | {
      readonly kind: 'array';
      readonly element: TypeTree | null;
      readonly items: readonly Expression[];
      readonly at: number;
    }
  | {
      readonly kind: 'struct';
      readonly type: TypeTree | null;
      readonly fields: readonly { readonly name: string | null; readonly value: Expression }[];
      readonly tuple: boolean;
      readonly at: number;
    }
  | { readonly kind: 'subquery' | 'exists' | 'arrayQuery'; readonly query: Query; readonly at: number }
  | Call;

export type InSet =
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'unnest'; readonly array: Expression }
  | { readonly kind: 'query'; readonly query: Query };

export type SelectItem =
  | {
      readonly kind: 'expression';
      readonly value: Expression;
      readonly alias: string | null;
      readonly at: number;
    }
  | {
      readonly kind: 'star';
      /** `t.*`, `s.*`; null: `*`. */
      readonly of: Expression | null;
      readonly except: readonly { readonly name: string; readonly at: number }[];
      readonly replace: readonly { readonly name: string; readonly value: Expression; readonly at: number }[];
      /** Of the pipe operator RENAME. */
      readonly rename: readonly { readonly name: string; readonly to: string; readonly at: number }[];
      readonly at: number;
    };

export interface GroupBy {
  readonly kind: 'items' | 'all' | 'rollup' | 'cube' | 'sets';
  /** One set per item of ROLLUP, CUBE or GROUPING SETS; for `items` a single set. */
  readonly sets: readonly (readonly Expression[])[];
  readonly at: number;
}

export interface Select {
  readonly kind: 'select';
  readonly distinct: boolean;
  readonly as: 'STRUCT' | 'VALUE' | null;
  readonly items: readonly SelectItem[];
  readonly from: FromItem | null;
  readonly where: Expression | null;
  readonly groupBy: GroupBy | null;
  readonly having: Expression | null;
  readonly qualify: Expression | null;
  readonly windows: ReadonlyMap<string, WindowSpec>;
  readonly at: number;
}

export interface SetOperation {
  readonly kind: 'set';
  readonly operator: 'UNION' | 'INTERSECT' | 'EXCEPT';
  readonly all: boolean;
  readonly parts: readonly Body[];
  readonly at: number;
}

export type Body = Select | SetOperation | Query;

export interface CommonTable {
  readonly name: string;
  readonly query: Query;
  readonly at: number;
}

export interface Query {
  readonly kind: 'query';
  readonly recursive: boolean;
  readonly with: readonly CommonTable[];
  readonly body: Body;
  readonly orderBy: readonly OrderItem[];
  readonly limit: Expression | null;
  readonly offset: Expression | null;
  readonly at: number;
  /** Offset after its last token, for the text of views. */
  readonly end: number;
}

export interface Pivot {
  readonly kind: 'pivot';
  readonly aggregates: readonly { readonly value: Expression; readonly alias: string | null }[];
  readonly column: Expression;
  readonly values: readonly { readonly value: Expression; readonly alias: string | null }[];
  readonly alias: string | null;
  readonly at: number;
}

export interface Unpivot {
  readonly kind: 'unpivot';
  readonly includeNulls: boolean;
  readonly value: string;
  readonly name: string;
  readonly columns: readonly {
    readonly column: string;
    readonly label: Expression | null;
    readonly at: number;
  }[];
  readonly alias: string | null;
  readonly at: number;
}

/** An argument of a table function: an expression, or `TABLE t`, or a query in parentheses. */
export interface TableArgument {
  readonly name: string | null;
  readonly value: Expression | null;
  readonly table: Path | null;
  readonly at: number;
}

export type FromItem =
  | {
      readonly kind: 'table';
      /** Segments of the path: `p.d.t`, `t`, `t.array`. */
      readonly path: readonly string[];
      readonly alias: string | null;
      readonly withOffset: { readonly alias: string } | null;
      readonly turn: Pivot | Unpivot | null;
      /** Of TABLESAMPLE. */
      readonly percent: number | null;
      readonly at: number;
    }
  | {
      readonly kind: 'derived';
      readonly query: Query;
      readonly alias: string | null;
      readonly turn: Pivot | Unpivot | null;
      readonly at: number;
    }
  | {
      readonly kind: 'tableCall';
      readonly path: readonly string[];
      readonly args: readonly TableArgument[];
      readonly alias: string | null;
      readonly turn: Pivot | Unpivot | null;
      readonly at: number;
    }
  | {
      readonly kind: 'unnest';
      readonly array: Expression;
      readonly alias: string | null;
      readonly withOffset: { readonly alias: string } | null;
      readonly at: number;
    }
  | {
      readonly kind: 'join';
      readonly type: 'INNER' | 'LEFT' | 'RIGHT' | 'FULL' | 'CROSS';
      readonly left: FromItem;
      readonly right: FromItem;
      readonly on: Expression | null;
      readonly using: readonly { readonly name: string; readonly at: number }[] | null;
      readonly at: number;
    };

export interface Path {
  readonly parts: readonly string[];
  readonly at: number;
}
