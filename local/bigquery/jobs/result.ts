/**
 * The rows a query gave, kept for paging: in memory while they are few, in a file of the scratch folder when they
 * are many. Under pressure: memory holds at most `MEMORY_BYTES` of one result; a page has at most `PAGE_BYTES`.
 */
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import type { ColumnSpec } from '../sql/statement.ts';

const MEMORY_BYTES = 4 * 1024 * 1024;
const PAGE_BYTES = 10 * 1024 * 1024;

export interface Page {
  readonly rows: readonly string[];
  /** Index of the row after the page; null at the end. */
  readonly next: number | null;
}

export class Result {
  readonly columns: readonly ColumnSpec[];
  readonly #path: string;
  /** Rows not yet in the file. */
  #rows: string[] = [];
  #rowBytes = 0;
  /** Where in the file each row that is there ends. */
  readonly #ends: number[] = [];
  #file: number | null = null;

  /** `path`: the file to use when memory does not do. */
  constructor(columns: readonly ColumnSpec[], path: string) {
    this.columns = columns;
    this.#path = path;
  }

  get length(): number {
    return this.#ends.length + this.#rows.length;
  }

  /** Adds rows, each as JSON text. */
  add(rows: readonly string[]): void {
    for (const row of rows) {
      this.#rows.push(row);
      this.#rowBytes += row.length;
    }
    if (this.#rowBytes > MEMORY_BYTES) this.#spill();
  }

  /** Up to `limit` rows from row `start` on; at least one where there is one. */
  page(start: number, limit: number): Page {
    const last = Math.min(this.length, start + limit);
    const filed = this.#ends.length;
    const rows: string[] = start < filed ? this.#readFile(start, Math.min(last, filed)) : [];
    let bytes = rows.reduce((sum, row) => sum + row.length, 0);
    for (let at = start + rows.length; at < last && at >= filed; at++) {
      const row = this.#rows[at - filed] ?? '';
      bytes += row.length;
      if (bytes > PAGE_BYTES && rows.length > 0) break;
      rows.push(row);
    }
    const next = start + rows.length;
    return { rows, next: next < this.length ? next : null };
  }

  /** Forgets the rows. */
  close(): void {
    this.#rows = [];
    if (this.#file === null) return;
    closeSync(this.#file);
    this.#file = null;
    rmSync(this.#path, { force: true });
  }

  #spill(): void {
    this.#file ??= openSync(this.#path, 'w+');
    let end = this.#ends.at(-1) ?? 0;
    const start = end;
    for (const row of this.#rows) {
      end += Buffer.byteLength(row);
      this.#ends.push(end);
    }
    writeSync(this.#file, Buffer.from(this.#rows.join('')), 0, end - start, start);
    this.#rows = [];
    this.#rowBytes = 0;
  }

  #readFile(from: number, to: number): string[] {
    if (this.#file === null) return [];
    const start = this.#ends[from - 1] ?? 0;
    let until = from + 1;
    while (until < to && this.#ends[until]! - start <= PAGE_BYTES) until++;
    const bytes = Buffer.alloc(this.#ends[until - 1]! - start);
    readSync(this.#file, bytes, 0, bytes.length, start);
    const rows: string[] = [];
    for (let at = from; at < until; at++) {
      rows.push(bytes.toString('utf8', (this.#ends[at - 1] ?? 0) - start, this.#ends[at]! - start));
    }
    return rows;
  }
}
