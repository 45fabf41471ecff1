/**
 * The saved queries of sql/queries, by name: what each answers and asks for, read from its head. They come with the
 * project, so they are found from wherever the command is called.
 */
import { readdir, readFile } from 'node:fs/promises';

const FOLDER = new URL('../../sql/queries/', import.meta.url);

export interface SavedQuery {
  readonly name: string;
  readonly question: string;
  /** As its head says, e.g. `@since TIMESTAMP, @until TIMESTAMP`; null: none. */
  readonly parameters: string | null;
  readonly sql: string;
}

/** Every saved query, by name. */
export async function savedQueries(folder: URL = FOLDER): Promise<readonly SavedQuery[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort();
  return Promise.all(
    files.map(async (file) => {
      const sql = await readFile(new URL(file, folder), 'utf8');
      const head = sql.split('\n').flatMap((line) => /^-- (.*)/.exec(line)?.[1] ?? []);
      const parameters = head.find((line) => line.startsWith('Parameters: '));
      return {
        name: file.replace('.sql', ''),
        question: head[0] ?? '',
        parameters: parameters?.replace(/^Parameters: |\.$/g, '') ?? null,
        sql,
      };
    }),
  );
}

/** One of them. Throws an Error that lists the names that are near, or all. */
export async function savedQuery(name: string): Promise<SavedQuery> {
  const all = await savedQueries();
  const found = all.find((one) => one.name === name);
  if (found) return found;
  const near = all.filter((one) => one.name.includes(name) || name.includes(one.name));
  const names = (near.length > 0 ? near : all).map((one) => one.name).join(', ');
  throw new Error(`no saved query ${name}; ${near.length > 0 ? 'there are' : 'allowed'}: ${names}`);
}

/** The list, for reading. */
export function listText(queries: readonly SavedQuery[]): string {
  const width = Math.max(...queries.map(({ name }) => name.length));
  return queries
    .flatMap(({ name, question, parameters }) => [
      `${name.padEnd(width)}  ${question}`,
      ...(parameters === null ? [] : [`${' '.repeat(width)}  --param ${parameters}`]),
    ])
    .join('\n');
}
