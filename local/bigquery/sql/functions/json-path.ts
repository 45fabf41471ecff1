/**
 * JSON paths: GoogleSQL's (`$.a.b[0]`, `$."a b"`, `$['a b']` in the old functions) become DuckDB's. What DuckDB would
 * read in another way (wildcards, negative positions) is refused.
 */

const step = /\.(?:"((?:[^"\\]|\\.)*)"|([^.[\]"'*\s][^.[\]"'*]*))|\[(\d+)\]|\['([^'\\]*)'\]/y;

/** DuckDB's path to a member; null for names that DuckDB reads as wildcards, or not at all. */
export function jsonKeyPath(name: string): string | null {
  const one = member(name);
  return one === null ? null : `$${one}`;
}

function member(name: string): string | null {
  if (name === '' || name === '*') return null;
  return `."${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** DuckDB's path for a GoogleSQL one; null where it is malformed or not supported. */
export function duckdbJsonPath(path: string, legacy: boolean): string | null {
  const trimmed = path;
  if (!trimmed.startsWith('$')) return null;
  let out = '$';
  let at = 1;
  while (at < trimmed.length) {
    step.lastIndex = at;
    const found = step.exec(trimmed);
    if (!found) return null;
    const [text, quoted, plain, index, bracket] = found;
    if (bracket !== undefined && !legacy) return null;
    if (quoted !== undefined && legacy) return null;
    if (index !== undefined) out += `[${BigInt(index)}]`;
    else if (quoted?.includes('\\')) return null;
    else {
      const name = member(quoted ?? plain ?? bracket ?? '');
      if (name === null) return null;
      out += name;
    }
    at += text.length;
  }
  return out;
}
