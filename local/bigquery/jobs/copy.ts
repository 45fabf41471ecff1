/**
 * Copy jobs: the rows of one table, or of several alike, into another.
 * Source: https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#JobConfigurationTableCopy
 */
import { z } from 'zod';
import { duckdbName } from '../catalogue/catalogue.ts';
import type { TableEntry } from '../catalogue/entry.ts';
import { rowsOf } from '../engine/database.ts';
import type { Warehouse } from '../engine/warehouse.ts';
import { invalid, tableName, unsupported } from '../failure.ts';
import { storedColumns } from '../rows/stored.ts';
import type { TableRef } from '../sql/statement.ts';
import { columnList, writeTo } from './destination.ts';
import type { Job, JobOutcome } from './job.ts';
import { parse, tableShape } from './shapes.ts';

const shape = z.looseObject({
  sourceTable: tableShape.optional(),
  sourceTables: z.array(tableShape).optional(),
  destinationTable: tableShape,
  writeDisposition: z.enum(['WRITE_TRUNCATE', 'WRITE_APPEND', 'WRITE_EMPTY']).default('WRITE_EMPTY'),
  createDisposition: z.enum(['CREATE_IF_NEEDED', 'CREATE_NEVER']).default('CREATE_IF_NEEDED'),
  operationType: z.string().nullish(),
});

/** Runs the job. */
export async function runCopyJob(warehouse: Warehouse, job: Job, signal: AbortSignal): Promise<JobOutcome> {
  const copy = parse(shape, job.configuration.copy);
  if (copy.operationType && copy.operationType !== 'COPY')
    throw unsupported(`copy jobs of type ${copy.operationType}`);
  const refOf = ({
    projectId = warehouse.projectId,
    datasetId,
    tableId,
  }: z.infer<typeof tableShape>): TableRef => ({
    projectId,
    datasetId,
    tableId,
  });
  const given = copy.sourceTables ?? (copy.sourceTable ? [copy.sourceTable] : []);
  const sources = given.map((table) => warehouse.catalogue.table(refOf(table)));
  const [first, ...others] = sources;
  if (!first) throw invalid('A copy job must name its source table.');
  for (const source of sources) {
    if (source.kind === 'VIEW') throw invalid(`Cannot copy ${tableName(source.ref)}, which is a VIEW.`);
  }
  for (const other of others) checkAlike(first, other);
  const nowMs = warehouse.timers.now();
  const columns = storedColumns(first);
  let copied = 0;
  await writeTo(warehouse, {
    entry: { ...first, ref: refOf(copy.destinationTable), createdMs: nowMs, modifiedMs: nowMs },
    writeDisposition: copy.writeDisposition,
    createDisposition: copy.createDisposition,
    fill: async (connection, name) => {
      const list = columnList(columns);
      for (const source of sources) {
        const from = duckdbName(source.ref);
        const [counted] = await rowsOf(connection, `SELECT count(*) AS n FROM ${from}`);
        await connection.run(`INSERT INTO ${name} (${list}) SELECT ${list} FROM ${from}`);
        copied += Number(counted?.n ?? 0);
      }
    },
    signal,
  });
  return { statistics: { copy: { copiedRows: String(copied), copiedLogicalBytes: '0' } } };
}

function checkAlike(first: TableEntry, other: TableEntry): void {
  const shapeOf = ({ columns }: TableEntry): string =>
    JSON.stringify(columns.map(({ name, type, mode }) => [name.toLowerCase(), type, mode]));
  if (shapeOf(first) === shapeOf(other)) return;
  throw invalid(
    `Provided Schema does not match ${tableName(other.ref)}: tables that are copied together must be alike.`,
  );
}
