/** A table of few rows: at most some hundreds. Wide ones scroll inside their own region. */
import type { ComponentChildren } from 'preact';

export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => ComponentChildren;
  /** Numbers stand on the right. */
  readonly number?: boolean;
  /** Takes the room that is left. */
  readonly wide?: boolean;
}

export interface TableProps<T> {
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
  readonly marked?: (row: T) => boolean;
}

export function Table<T>({ label, columns, rows, keyOf, marked }: TableProps<T>) {
  return (
    <div class="table-scroll" role="group" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {columns.map(({ title, number, wide }) => (
              <th key={title} scope="col" class={`${number ? 'number' : ''} ${wide ? 'wide' : ''}`}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)} class={marked?.(row) ? 'marked' : ''}>
              {columns.map(({ title, cell, number }) => (
                <td key={title} class={number ? 'number' : ''}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
