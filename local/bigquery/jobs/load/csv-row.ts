/** A CSV row into a batch, field by field in the order of the columns. */
import type { Batch } from '../../rows/batch.ts';
import { CellError, putScalar } from '../../rows/cell-value.ts';
import type { ColumnSpec } from '../../sql/statement.ts';
import type { CsvRow } from './csv.ts';

export interface CsvRowOptions {
  /** Text of a field that is NULL; undefined: an empty one, except in STRING and BYTES. */
  readonly nullMarker: string | undefined;
  /** Columns at the end may be missing. */
  readonly allowJagged: boolean;
  /** Fields at the end may be too many. */
  readonly ignoreUnknown: boolean;
}

/** Adds the row; where it is wrong it is left out, and the reason returned. */
export function addCsvRow(
  batch: Batch,
  specs: readonly ColumnSpec[],
  row: CsvRow,
  options: CsvRowOptions,
): CellError | null {
  try {
    if (row.error !== undefined) throw new CellError('', row.error);
    const { length } = row.fields;
    if (length > specs.length && !options.ignoreUnknown) {
      throw new CellError(
        '',
        `Too many values in row. Found ${length} column(s) while expected ${specs.length}.`,
      );
    }
    if (length < specs.length && !options.allowJagged) {
      throw new CellError(
        '',
        `Too few columns: expected ${specs.length} column(s) but got ${length} column(s).`,
      );
    }
    specs.forEach((spec, i) => {
      const field = row.fields[i];
      if (field === undefined || isNull(spec, field, options)) return;
      const slot = { column: batch.columns[i]!, row: batch.row, heap: batch.heap };
      putScalar(slot, spec.type, field.text);
    });
    const missing = batch.endRow();
    if (missing === null) return null;
    throw new CellError(missing.path, `Missing required field: ${missing.path}.`);
  } catch (error) {
    if (!(error instanceof CellError)) throw error;
    batch.dropRow();
    return error;
  }
}

function isNull(
  { type }: ColumnSpec,
  { text, quoted }: { readonly text: string; readonly quoted: boolean },
  { nullMarker }: CsvRowOptions,
): boolean {
  if (quoted) return false;
  if (nullMarker !== undefined) return text === nullMarker;
  return text === '' && type !== 'STRING' && type !== 'BYTES';
}
