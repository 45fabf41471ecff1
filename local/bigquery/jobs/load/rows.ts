/** Rows of CSV, NDJSON and Avro files, one by one into the staging table; wrong ones counted and told. */
import { ApiError } from '../../../http.ts';
import { errorProto, invalid } from '../../failure.ts';
import type { CellError } from '../../rows/cell-value.ts';
import { ObjectRows } from '../../rows/object-row.ts';
import type { ColumnSpec } from '../../sql/statement.ts';
import { openAvro } from './avro.ts';
import { delimiterOf, givenColumns } from './config.ts';
import { type CsvRow, csvRows } from './csv.ts';
import { addCsvRow } from './csv-row.ts';
import { DETECT_ROWS, detectCsv, detectObjects } from './detect.ts';
import type { LoadContext, Loaded } from './load.ts';
import { ndjsonRows } from './ndjson.ts';
import type { SourceFile } from './source.ts';
import { Stage } from './stage.ts';

/** A row that waits to be put into the batch. */
interface Row {
  readonly position: number;
  readonly add: (stage: Stage) => CellError | null;
}

interface Opened {
  readonly columns: readonly ColumnSpec[];
  readonly rows: AsyncIterable<Row>;
}

/** Reads all files into a staging table. */
export async function stageRows(context: LoadContext): Promise<Loaded> {
  const { load, files, signal, job } = context;
  let stage: Stage | undefined;
  let badRecords = 0;
  let inputBytes = 0;
  const allowed = load.maxBadRecords ?? 0;
  try {
    let known = context.known;
    for (const file of files) {
      const chunks = file.open(signal, (bytes) => {
        inputBytes += bytes;
      });
      const inFile = (error: unknown): never => {
        throw ofFile(error, file);
      };
      const opened = await open(context, chunks, known).catch(inFile);
      known ??= opened.columns;
      const into = stage ?? (await Stage.open(context, job.jobId, known));
      stage = into;
      const read = async (): Promise<void> => {
        for await (const row of opened.rows) {
          signal.throwIfAborted();
          const error = row.add(into);
          if (error && ++badRecords > allowed) throw rowFailure(file, row, error);
          await into.flush();
        }
      };
      await read().catch(inFile);
    }
    const filled = stage ?? (await Stage.open(context, job.jobId, known ?? []));
    stage = filled;
    await filled.flush(true);
    return {
      columns: filled.columns,
      rows: filled.rows,
      badRecords,
      inputBytes,
      fill: (connection, name) => filled.moveTo(connection, name),
      drop: () => filled.drop(),
    };
  } catch (error) {
    await stage?.drop();
    throw error;
  }
}

function open(
  context: LoadContext,
  chunks: AsyncIterable<Buffer>,
  known: readonly ColumnSpec[] | null,
): Promise<Opened> {
  const { sourceFormat } = context.load;
  if (sourceFormat === 'AVRO') return openAvroRows(context, chunks, known);
  if (sourceFormat === 'CSV') return openCsv(context, chunks, known);
  return openJson(context, chunks, known);
}

async function openJson(
  { load }: LoadContext,
  chunks: AsyncIterable<Buffer>,
  known: readonly ColumnSpec[] | null,
): Promise<Opened> {
  const { first, all } = await peek(ndjsonRows(chunks), known === null);
  const columns = known ?? detected(detectObjects(first.map(({ value }) => value)));
  const adders = new WeakMap<Stage, ObjectRows>();
  const options = { jsonAsValue: true, ignoreUnknown: load.ignoreUnknownValues === true };
  const add = (stage: Stage, value: unknown): CellError | null => {
    let rows = adders.get(stage);
    if (!rows) {
      rows = new ObjectRows(stage.batch, stage.columns, options);
      adders.set(stage, rows);
    }
    return rows.add(value);
  };
  return {
    columns,
    rows: mapped(all, ({ value, position }) => ({ position, add: (stage) => add(stage, value) })),
  };
}

async function openCsv(
  { load }: LoadContext,
  chunks: AsyncIterable<Buffer>,
  known: readonly ColumnSpec[] | null,
): Promise<Opened> {
  const rows = csvRows(chunks, {
    delimiter: delimiterOf(load),
    quote: load.quote ?? '"',
    allowQuotedNewlines: load.allowQuotedNewlines === true,
  });
  const { first, all } = await peek(rows, known === null);
  let skip = load.skipLeadingRows ?? 0;
  let columns = known;
  if (columns === null) {
    const header = skip > 0;
    const found = detectCsv(
      first.slice(Math.max(0, skip - 1)).map(({ fields }) => fields),
      header,
    );
    columns = detected(found.columns);
    if (found.hasHeader) skip = Math.max(skip, 1);
  }
  const options = {
    nullMarker: load.nullMarker ?? undefined,
    allowJagged: load.allowJaggedRows === true,
    ignoreUnknown: load.ignoreUnknownValues === true,
  };
  for (const { name, type, mode } of columns) {
    if (type === 'RECORD' || mode === 'REPEATED')
      throw invalid(`CSV cannot hold the field ${name}, which is nested or repeated.`);
  }
  const body = async function* (): AsyncGenerator<CsvRow> {
    for await (const row of all) {
      if (skip > 0) skip--;
      else yield row;
    }
  };
  return {
    columns,
    rows: mapped(body(), (row) => ({
      position: row.position,
      add: (stage) => addCsvRow(stage.batch, stage.columns, row, options),
    })),
  };
}

async function openAvroRows(
  { load }: LoadContext,
  chunks: AsyncIterable<Buffer>,
  known: readonly ColumnSpec[] | null,
): Promise<Opened> {
  const file = await openAvro(chunks, load.useAvroLogicalTypes === true || known !== null);
  if (load.useAvroLogicalTypes === true && known !== null && givenColumns(load) === null)
    checkFile(file.columns, known);
  const options = { jsonAsValue: false, ignoreUnknown: load.ignoreUnknownValues === true };
  let index = 0;
  const adders = new WeakMap<Stage, ObjectRows>();
  return {
    columns: known ?? file.columns,
    rows: mapped(file.rows, (record) => ({
      position: index++,
      add: (stage) => {
        const rows = adders.get(stage) ?? new ObjectRows(stage.batch, stage.columns, options);
        adders.set(stage, rows);
        return rows.add(record);
      },
    })),
  };
}

/** The first rows, where they are wanted, and all of them. */
async function peek<T>(
  rows: AsyncGenerator<T>,
  wanted: boolean,
): Promise<{ readonly first: readonly T[]; readonly all: AsyncIterable<T> }> {
  if (!wanted) return { first: [], all: rows };
  const first: T[] = [];
  while (first.length < DETECT_ROWS) {
    const { value, done } = await rows.next();
    if (done) break;
    first.push(value);
  }
  const all = async function* (): AsyncGenerator<T> {
    yield* first;
    yield* rows;
  };
  return { first, all: all() };
}

async function* mapped<T>(rows: AsyncIterable<T>, make: (row: T) => Row): AsyncGenerator<Row> {
  for await (const row of rows) yield make(row);
}

function detected(columns: readonly ColumnSpec[]): readonly ColumnSpec[] {
  if (columns.length > 0) return columns;
  throw invalid('No schema specified on job or table.');
}

/** What is wrong with a file names it. */
function ofFile(error: unknown, { uri }: SourceFile): unknown {
  if (!(error instanceof ApiError) || errorProto(error).reason !== 'invalid' || uri === '') return error;
  return invalid(error.message, uri);
}

/** The file's own types count where the job names none: a column is of the same type, and required where it was. */
function checkFile(columns: readonly ColumnSpec[], table: readonly ColumnSpec[]): void {
  const refusal = (text: string): Error => invalid(`Provided Schema does not match Table. ${text}`);
  for (const { name, type, mode } of columns) {
    const old = table.find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (old === undefined) throw refusal(`Cannot add fields (field: ${name})`);
    if (old.type !== type) throw refusal(`Field ${name} has changed type from ${old.type} to ${type}`);
    const isLooser =
      old.mode === 'REQUIRED' ? mode !== 'REQUIRED' : (old.mode === 'REPEATED') !== (mode === 'REPEATED');
    if (isLooser) throw refusal(`Field ${name} has changed mode from ${old.mode} to ${mode}`);
  }
}

function rowFailure({ uri }: SourceFile, { position }: Row, { message, location }: CellError): Error {
  const where = location === '' ? '' : ` Field: ${location};`;
  const file = uri === '' ? '' : ` File: ${uri}`;
  return invalid(
    `Error while reading data, error message: Error in row starting at position ${position}:${where} ${message}${file}`,
  );
}
