/**
 * Query jobs: reads the configuration, runs the script statement by statement, says what came of it. The last
 * statement's rows are the job's; a destination table gets the rows of a script of one query.
 * Not there: legacy SQL, sessions, batch priority (all queries are interactive), the result cache.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { duckdbName } from '../catalogue/catalogue.ts';
import type { TableEntry } from '../catalogue/entry.ts';
import { schemaShape, writeFields } from '../catalogue/schema.ts';
import { roughSize } from '../catalogue/size.ts';
import type { Warehouse } from '../engine/warehouse.ts';
import { asFailure, datasetName, failure, invalid, notFound, unsupported } from '../failure.ts';
import { script } from '../sql/index.ts';
import type {
  ParameterSpec,
  ParameterType,
  ParameterValue,
  SqlContext,
  Statement,
} from '../sql/statement.ts';
import { columnList, writeTo } from './destination.ts';
import { type Done, insertQuery, tablesOf } from './execution.ts';
import type { Job, JobOutcome } from './job.ts';
import { Result } from './result.ts';
import { datasetShape, parse, partitioningShape, readPartitioning, tableShape } from './shapes.ts';
import { sqlContext } from './sql-context.ts';
import { refreshTables, runStatement } from './statement.ts';

const typeShape: z.ZodType<ParameterType> = z.lazy(() =>
  z.object({
    type: z.string(),
    arrayType: typeShape.optional(),
    structTypes: z.array(z.object({ name: z.string().optional(), type: typeShape })).optional(),
  }),
) as z.ZodType<ParameterType>;

const valueShape: z.ZodType<ParameterValue> = z.lazy(() =>
  z.object({
    value: z
      .union([z.string(), z.number(), z.boolean(), z.null()])
      .transform((value) => (value === null ? null : String(value)))
      .optional(),
    arrayValues: z.array(valueShape).optional(),
    structValues: z.record(z.string(), valueShape).optional(),
  }),
) as z.ZodType<ParameterValue>;

/** `JobConfigurationQuery`, as far as it matters here. */
const queryShape = z.looseObject({
  query: z.string(),
  useLegacySql: z.boolean().optional(),
  defaultDataset: datasetShape.optional(),
  destinationTable: tableShape.optional(),
  writeDisposition: z.enum(['WRITE_TRUNCATE', 'WRITE_APPEND', 'WRITE_EMPTY']).optional(),
  createDisposition: z.enum(['CREATE_IF_NEEDED', 'CREATE_NEVER']).optional(),
  timePartitioning: partitioningShape.optional(),
  clustering: z.looseObject({ fields: z.array(z.string()).optional() }).optional(),
  schema: schemaShape.optional(),
  maximumBytesBilled: z.union([z.string(), z.number()]).optional(),
  queryParameters: z
    .array(
      z.looseObject({
        name: z.string().nullish(),
        parameterType: typeShape,
        parameterValue: valueShape.optional(),
      }),
    )
    .optional(),
});
export type QueryConfiguration = z.infer<typeof queryShape>;

const MAX_QUERY_LENGTH = 1024 * 1024;

/** Runs the query of a job. */
export async function runQueryJob(warehouse: Warehouse, job: Job, signal: AbortSignal): Promise<JobOutcome> {
  const query = readQuery(job.configuration.query);
  const resultPath = join(warehouse.database.scratchDir, `${job.jobId}.rows`);
  const context = contextOf(warehouse, query);
  const values = context.parameters?.map((parameter) => parameter.value ?? {}) ?? [];
  let last: Done | undefined;
  let bytes = 0;
  let statements = 0;
  for (const statement of script(query.query, context)) {
    statements++;
    bytes += await bytesOf(warehouse, statement);
    checkBilled(query, bytes);
    last?.result?.close();
    await refreshTables(warehouse, statement, signal);
    last = query.destinationTable
      ? await runInto(warehouse, query, { statement, values, signal, resultPath })
      : await runStatement(
          { warehouse, defaultDataset: context.defaultDataset, parameters: values, resultPath, signal },
          statement,
        );
    signal.throwIfAborted();
  }
  if (!last) throw failure('invalidQuery', 'Syntax error: Unexpected end of statement', 'query');
  return outcome(last, bytes, statements);
}

/** What `dryRun` answers: the schema and the bytes, with nothing run. */
export async function dryRun(warehouse: Warehouse, configuration: unknown): Promise<JobOutcome> {
  const query = readQuery(configuration);
  try {
    const statements = [...script(query.query, contextOf(warehouse, query))];
    let bytes = 0;
    for (const statement of statements) bytes += await bytesOf(warehouse, statement);
    const last = statements.at(-1);
    if (!last) throw failure('invalidQuery', 'Syntax error: Unexpected end of statement', 'query');
    const columns = last.kind === 'query' ? last.columns : [];
    return {
      statistics: {
        totalBytesProcessed: String(bytes),
        query: {
          statementType: statements.length > 1 ? 'SCRIPT' : statementType(last),
          totalBytesProcessed: String(bytes),
          totalBytesBilled: '0',
          cacheHit: false,
          totalBytesProcessedAccuracy: 'UPPER_BOUND',
          schema: { fields: writeFields(columns) },
          referencedTables: tablesOf(last),
        },
      },
      result: new Result(columns, ''),
    };
  } catch (error) {
    throw asFailure(error);
  }
}

function readQuery(configuration: unknown): QueryConfiguration {
  const query = parse(queryShape, configuration);
  if (query.useLegacySql !== false || /^\s*#legacySQL/i.test(query.query)) {
    throw unsupported('legacy SQL; ask with useLegacySql=false');
  }
  if (query.query.length > MAX_QUERY_LENGTH) {
    throw failure(
      'invalidQuery',
      'The query is too large. The maximum standard SQL query length is 1024.00K characters, including comments and white space characters.',
      'query',
    );
  }
  return query;
}

function contextOf(warehouse: Warehouse, query: QueryConfiguration): SqlContext {
  const { projectId } = warehouse;
  const { defaultDataset } = query;
  const elsewhere = defaultDataset?.projectId !== undefined && defaultDataset.projectId !== projectId;
  if (defaultDataset && elsewhere) {
    throw notFound(datasetName(defaultDataset.projectId ?? projectId, defaultDataset.datasetId));
  }
  const parameters = (query.queryParameters ?? []).map(parameterSpec);
  return sqlContext(warehouse, defaultDataset?.datasetId ?? null, parameters);
}

type Given = NonNullable<QueryConfiguration['queryParameters']>[number];

function parameterSpec({ name, parameterType, parameterValue }: Given): ParameterSpec {
  return { name: name || null, type: parameterType, value: parameterValue ?? {} };
}

/** Logical bytes of the tables a statement reads, whole: partitions and columns are not told apart. */
async function bytesOf(warehouse: Warehouse, statement: Statement): Promise<number> {
  let bytes = 0;
  for (const table of tablesOf(statement)) {
    const entry = warehouse.catalogue.findTable(table);
    if (entry) bytes += (await roughSize(warehouse.database, entry)).bytes;
  }
  return bytes;
}

function checkBilled(query: QueryConfiguration, bytes: number): void {
  const limit = query.maximumBytesBilled === undefined ? null : Number(query.maximumBytesBilled);
  if (limit === null || bytes <= limit) return;
  throw failure(
    'bytesBilledLimitExceeded',
    `Query exceeded limit for bytes billed: ${limit}. ${bytes} or higher required.`,
  );
}

interface Into {
  readonly statement: Statement;
  readonly values: readonly ParameterValue[];
  readonly signal: AbortSignal;
  readonly resultPath: string;
}

/** Runs a query into its destination table; that table's rows are the job's. */
async function runInto(warehouse: Warehouse, query: QueryConfiguration, into: Into): Promise<Done> {
  const { statement, values, signal } = into;
  const { destinationTable } = query;
  if (!destinationTable || statement.kind !== 'query') {
    throw invalid(
      'configuration.query.destinationTable cannot be set for scripts or statements other than SELECT',
    );
  }
  const nowMs = warehouse.timers.now();
  const entry: TableEntry = {
    ref: {
      projectId: destinationTable.projectId ?? warehouse.projectId,
      datasetId: destinationTable.datasetId,
      tableId: destinationTable.tableId,
    },
    kind: 'TABLE',
    columns: statement.columns.map((column) =>
      column.mode === 'REQUIRED' ? { ...column, mode: 'NULLABLE' as const } : column,
    ),
    primaryKey: [],
    clustering: query.clustering?.fields ?? [],
    requirePartitionFilter: false,
    ...readPartitioning(query.timePartitioning),
    createdMs: nowMs,
    modifiedMs: nowMs,
  };
  await writeTo(warehouse, {
    entry,
    writeDisposition: query.writeDisposition ?? 'WRITE_EMPTY',
    createDisposition: query.createDisposition ?? 'CREATE_IF_NEEDED',
    fill: async (connection, name) => {
      await insertQuery(connection, name, { ...statement, columns: entry.columns }, values);
    },
    signal,
  });
  const { columns } = warehouse.catalogue.table(entry.ref);
  const sql = `SELECT ${columnList(columns)} FROM ${duckdbName(entry.ref)}`;
  return runStatement(
    { warehouse, defaultDataset: null, parameters: [], resultPath: into.resultPath, signal },
    { kind: 'query', sql, columns, parameters: [], tables: [entry.ref] },
  );
}

function outcome(done: Done, bytes: number, statements: number): JobOutcome {
  const { result, dmlRows, ddl } = done;
  return {
    statistics: {
      totalBytesProcessed: String(bytes),
      query: {
        statementType: statements > 1 ? 'SCRIPT' : done.statementType,
        totalBytesProcessed: String(bytes),
        totalBytesBilled: String(bytes),
        cacheHit: false,
        ...(result === undefined ? {} : { schema: { fields: writeFields(result.columns) } }),
        ...(dmlRows === undefined ? {} : { numDmlAffectedRows: String(dmlRows), ...dmlStats(done) }),
        ...(ddl === undefined ? {} : { ddlOperationPerformed: ddl.operation }),
        ...(ddl?.table === undefined ? {} : { ddlTargetTable: ddl.table }),
        ...(ddl?.routine === undefined ? {} : { ddlTargetRoutine: ddl.routine }),
      },
    },
    ...(result === undefined ? {} : { result }),
  };
}

function dmlStats({ statementType, dmlRows }: Done) {
  const name = { INSERT: 'insertedRowCount', UPDATE: 'updatedRowCount', DELETE: 'deletedRowCount' };
  const key = name[statementType as keyof typeof name];
  return key === undefined ? {} : { dmlStats: { [key]: String(dmlRows) } };
}

const NAMES: Readonly<Partial<Record<Statement['kind'], string>>> = {
  query: 'SELECT',
  create_table: 'CREATE_TABLE',
  create_view: 'CREATE_VIEW',
  create_schema: 'CREATE_SCHEMA',
  alter_table: 'ALTER_TABLE',
  drop_schema: 'DROP_SCHEMA',
  truncate: 'TRUNCATE_TABLE',
};

function statementType(statement: Statement): string {
  if (statement.kind === 'drop') return `DROP_${statement.target}`;
  if (statement.kind === 'create_table' && statement.asQuery) return 'CREATE_TABLE_AS_SELECT';
  return NAMES[statement.kind] ?? statement.kind.toUpperCase();
}
