/**
 * Query parameters: a value in the REST API's shape becomes the text that is bound to DuckDB. Text alone is
 * bound and the translated SQL casts it, so a value can never be read as SQL.
 */

import type { ParameterType } from './statement.ts';
import { SqlError } from './statement.ts';

/** `QueryParameterValue` of the REST API. */
export interface ParameterValue {
  readonly value?: string | null;
  readonly arrayValues?: readonly ParameterValue[];
  readonly structValues?: Readonly<Record<string, ParameterValue>>;
}

/** The text to bind for a parameter, null for NULL. Throws `SqlError` (invalidQuery) when it does not fit its type. */
export function parameterText(_type: ParameterType, _value: ParameterValue): string | null {
  throw new SqlError('notImplemented', 'not supported locally: query parameters');
}
