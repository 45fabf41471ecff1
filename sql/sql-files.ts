/**
 * The statements of sql/: read from their folders, and put into the order in which they need each other.
 */
import { readdir, readFile } from 'node:fs/promises';
import { qualify } from './qualify.ts';

export interface SqlFile {
  /** Path from the repository's root, e.g. `sql/views/logs.sql`. */
  readonly path: string;
  /** Name of the file without its ending: that of the table, view or function it makes. */
  readonly name: string;
  readonly sql: string;
}

/** The files of a folder of sql/ by name; none where there is no such folder. */
export async function readSqlFiles(folder: URL, part: string): Promise<SqlFile[]> {
  const directory = new URL(`${part}/`, folder);
  const names = await readdir(directory).catch((error: { readonly code?: unknown }) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const files = names.filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    files.map(async (name) => ({
      path: `sql/${part}/${name}`,
      name: name.replace(/\.sql$/, ''),
      sql: await readFile(new URL(name, directory), 'utf8'),
    })),
  );
}

/** Each file after those it reads, otherwise by name; with its own names qualified. */
export function inOrder(
  files: readonly SqlFile[],
  dataset: string,
  known: ReadonlySet<string>,
): readonly SqlFile[] {
  const waiting = new Map(
    files.map((file) => {
      const { sql, names } = qualify(file.sql, dataset, known);
      return [file.name, { file: { ...file, sql }, needs: names }];
    }),
  );
  const ordered: SqlFile[] = [];
  while (waiting.size > 0) {
    const ready = [...waiting.values()].find(({ file, needs }) =>
      [...needs].every((name) => name === file.name || !waiting.has(name)),
    );
    if (!ready) throw new Error(`these read each other in a circle: ${[...waiting.keys()].join(', ')}`);
    ordered.push(ready.file);
    waiting.delete(ready.file.name);
  }
  return ordered;
}
