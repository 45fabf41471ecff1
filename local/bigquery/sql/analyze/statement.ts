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
import { rootQuery } from './root.ts';
import { Session } from './session.ts';

export function analyzeStatement(tree: StatementTree, context: SqlContext, failures: Failures): Statement {
  const session = new Session(context, failures);
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
