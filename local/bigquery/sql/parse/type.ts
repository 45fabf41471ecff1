/** Types as they stand in CAST, typed literals and column definitions. */

import type { Cursor } from './cursor.ts';
import type { TypeTree } from './tree.ts';

/** `>>` closes two types: splits the token's work over two calls. */
export class TypeCloser {
  pending = 0;

  close(cursor: Cursor): void {
    if (this.pending > 0) {
      this.pending -= 1;
      return;
    }
    if (cursor.accept('>>')) {
      this.pending += 1;
      return;
    }
    cursor.expect('>');
  }
}

export function typeParameters(cursor: Cursor): readonly string[] {
  if (!cursor.accept('(')) return [];
  const parameters = cursor.list(() => {
    if (cursor.token.kind !== 'integer') throw cursor.unexpected();
    return cursor.next().text;
  });
  cursor.expect(')');
  return parameters;
}

export function typeName(cursor: Cursor): string {
  const token = cursor.token;
  if (token.kind !== 'identifier' && token.kind !== 'quoted' && !cursor.is('INTERVAL'))
    throw cursor.unexpected();
  cursor.next();
  return token.text.toUpperCase();
}

/** A type of an expression. */
export function parseType(cursor: Cursor, closer = new TypeCloser()): TypeTree {
  const at = cursor.at;
  return cursor.nested(() => {
    if (cursor.accept('ARRAY')) {
      cursor.expect('<');
      const element = parseType(cursor, closer);
      closer.close(cursor);
      return { name: 'ARRAY', parameters: [], element, at };
    }
    if (cursor.accept('STRUCT')) {
      cursor.expect('<');
      const fields = cursor.is('>') || cursor.is('>>') ? [] : structFields(cursor, closer);
      closer.close(cursor);
      return { name: 'STRUCT', parameters: [], fields, at };
    }
    return { name: typeName(cursor), parameters: typeParameters(cursor), at };
  });
}

function structFields(cursor: Cursor, closer: TypeCloser) {
  const fields: { name: string | null; type: TypeTree }[] = [];
  do {
    const named = cursor.isIdentifier() && startsType(cursor, 1);
    const name = named ? cursor.identifier() : null;
    fields.push({ name, type: parseType(cursor, closer) });
  } while (closer.pending === 0 && cursor.accept(','));
  return fields;
}

function startsType(cursor: Cursor, count: number): boolean {
  return cursor.isIdentifier(count) || ['ARRAY', 'STRUCT', 'INTERVAL'].some((word) => cursor.is(word, count));
}
