/** The files of sql/ and a warehouse in memory made from them, for tests that hold them against Google's analyzer. */
import { readdirSync, readFileSync } from 'node:fs';
import { type ColumnSpec, script } from '../../local/bigquery/sql/index.ts';
import { TestWarehouse } from '../local/bigquery/sql/duckdb.ts';

const FOLDER = new URL('../../sql/', import.meta.url);

export const PARTS = ['schema', 'indexes', 'functions', 'materialized', 'views', 'queries'] as const;
export type Part = (typeof PARTS)[number];

export interface ProjectFile {
  readonly part: Part;
  readonly name: string;
  /** `views/logs.sql` */
  readonly path: string;
  readonly sql: string;
}

export const projectFiles = (part: Part): readonly ProjectFile[] =>
  readdirSync(new URL(`${part}/`, FOLDER))
    .filter((name) => name.endsWith('.sql'))
    .map((name) => {
      const path = `${part}/${name}`;
      return { part, name: name.replace('.sql', ''), path, sql: readFileSync(new URL(path, FOLDER), 'utf8') };
    });

/** Everything that files make, each after what it reads. */
export async function openProject(): Promise<TestWarehouse> {
  const warehouse = await TestWarehouse.open();
  let waiting = PARTS.filter((part) => part !== 'queries').flatMap(projectFiles);
  for (let before = -1; waiting.length !== before; ) {
    before = waiting.length;
    const still: ProjectFile[] = [];
    for (const file of waiting) await warehouse.run(file.sql).catch(() => still.push(file));
    waiting = still;
  }
  for (const { sql } of waiting) await warehouse.run(sql);
  return warehouse;
}

/** Names of the columns of a query, without running it. */
export function columnsOf(sql: string, warehouse: TestWarehouse): readonly ColumnSpec[] {
  const [statement] = [...script(sql, warehouse.context())];
  if (statement?.kind !== 'query') throw new Error(`no query: ${sql}`);
  return statement.columns;
}
