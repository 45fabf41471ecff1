/** A warehouse in memory, for tests: keeps what was appended, row by row, and refuses what `refuses` says. */
import type { Table } from '../../functions/warehouse/table.ts';
import type { Warehouse } from '../../functions/warehouse/warehouse.ts';

export class MemoryWarehouse implements Warehouse {
  readonly #rows = new Map<string, unknown[]>();
  /** Rows of the named table for which it is true are refused one by one. */
  refuses: (table: string, row: unknown) => boolean = () => false;

  async append<Row>(table: Table<Row>, rows: readonly Row[]): Promise<readonly number[]> {
    const refused = rows.flatMap((row, i) => (this.refuses(table.name, row) ? [i] : []));
    const kept = rows.filter((_, i) => !refused.includes(i));
    this.#rows.set(table.name, [...(this.#rows.get(table.name) ?? []), ...kept]);
    return refused;
  }

  /** All rows appended to a table, in order. */
  rows<Row>(table: Table<Row>): readonly Row[] {
    return (this.#rows.get(table.name) ?? []) as Row[];
  }

  /** Rows of a table are these from now on, as after a loss. */
  replace<Row>(table: Table<Row>, rows: readonly Row[]): void {
    this.#rows.set(table.name, [...rows]);
  }

  async close(): Promise<void> {}
}
