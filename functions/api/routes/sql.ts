/** Paths of saved queries and, where the deployment allows it, of any SQL. */
import { z } from 'zod';
import type { ApiContext } from '../context.ts';
import { Fault, invalid, notFound } from '../fault.ts';
import type { Ask } from '../question.ts';
import { answers, type Route, route } from '../route.ts';
import {
  runInput,
  type SavedQuery,
  type SqlSchema,
  savedQueries,
  sqlInput,
  sqlResult,
  sqlSchema,
} from '../schema/sql.ts';
import { name } from '../schema/value.ts';

const tag = 'sql';
const wide = true as const;

export const sqlRoutes = ({ ask, settings, assets, runSql }: ApiContext): Route[] => [
  route({
    ...{ method: 'GET', path: '/queries', tag, role: 'analyst', wide },
    summary: 'Saved queries with what they ask for',
    answer: answers('SavedQueries', savedQueries),
    handle: async () => ({ items: assets.queries }),
  }),
  route({
    ...{ method: 'POST', path: '/queries/{name}/run', tag, role: 'analyst', wide },
    summary: 'Runs a saved query with its parameters bound',
    params: z.strictObject({ name }),
    body: runInput,
    answer: answers('SqlResult', sqlResult),
    async handle({ params, body: { parameters, max_rows, dry_run } }) {
      const saved = assets.queries.find((one) => one.name === params.name);
      if (saved === undefined) throw notFound('a saved query of this name');
      checkParameters(saved, parameters);
      const types = Object.fromEntries(saved.parameters.map((one) => [one.name, one.type]));
      return runSql({ sql: saved.sql, parameters, types, maxRows: max_rows, dryRun: dry_run });
    },
  }),
  route({
    ...{ method: 'GET', path: '/sql/schema', tag, role: 'analyst', wide },
    summary: 'Tables, views and functions with their columns',
    answer: answers('SqlSchema', sqlSchema),
    handle: async () => ({ items: await withViews(assets.schema, ask) }),
  }),
  route({
    ...{ method: 'POST', path: '/sql', tag, role: 'analyst', wide },
    summary: 'Runs a statement that reads, or says what it would scan; where the deployment allows it',
    body: sqlInput,
    answer: answers('SqlResult', sqlResult),
    async handle({ body: { query, parameters, max_rows, dry_run } }) {
      if (!settings.sql)
        throw new Fault('forbidden', 'SQL is off here (LOGWEIR_API_SQL); ask BigQuery itself');
      return runSql({ sql: query, parameters, maxRows: max_rows, dryRun: dry_run });
    },
  }),
];

/** Fills in the columns of views, which BigQuery knows. */
async function withViews(schema: SqlSchema['items'], ask: Ask): Promise<SqlSchema['items']> {
  const rows = await ask<{ table_name: string; column_name: string; data_type: string }>({
    sql: `SELECT table_name, column_name, data_type
FROM INFORMATION_SCHEMA.COLUMNS
ORDER BY table_name, ordinal_position`,
    params: {},
    sharedMs: 600_000,
  });
  const columnsOf = (table: string) =>
    rows
      .filter(({ table_name }) => table_name === table)
      .map(({ column_name: name, data_type: type }) => ({ name, type, description: '' }));
  return schema.map((one) => (one.kind === 'view' ? { ...one, columns: columnsOf(one.name) } : one));
}

function checkParameters(saved: SavedQuery, given: Readonly<Record<string, unknown>>): void {
  const missing = saved.parameters.filter(({ name }) => !Object.hasOwn(given, name));
  const unknown = Object.keys(given).filter((name) => !saved.parameters.some((one) => one.name === name));
  const problems = [
    ...missing.map(({ name, type }) => ({ at: `parameters.${name}`, message: `is missing: ${type}` })),
    ...unknown.map((name) => ({ at: `parameters.${name.slice(0, 64)}`, message: 'is none of this query' })),
  ];
  const [first] = problems;
  if (first !== undefined) throw invalid(`body: ${first.at} ${first.message}`, problems);
}
