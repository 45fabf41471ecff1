/** What a query answered: as a table, as a chart where it has numbers over something, as a file. */
import { useState } from 'preact/hooks';
import type { SqlResult } from '../../schema/sql.ts';
import { Icon } from '../element/icon.tsx';
import { Empty } from '../element/panel.tsx';
import { saveBlob } from '../explore/export.ts';
import { bytesText, countText } from '../number.ts';
import { durationText } from '../time.ts';
import { csvOf } from './cell.ts';
import { axesOf, ResultChart } from './result-chart.tsx';
import { ResultTable } from './result-table.tsx';

export function Result({ result, name }: { result: SqlResult; name: string }) {
  const [as, setAs] = useState<'table' | 'chart'>('table');
  const { rows, columns, total_rows, truncated, bytes_scanned, ms } = result;
  const axes = axesOf(result);
  const save = (format: 'csv' | 'json'): void => {
    const text =
      format === 'csv'
        ? csvOf(result)
        : JSON.stringify(
            rows.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index]]))),
            null,
            1,
          );
    saveBlob(
      new Blob([text], { type: format === 'csv' ? 'text/csv' : 'application/json' }),
      `${name}.${format}`,
    );
  };
  return (
    <>
      <div class="row result-head">
        <span>
          <b>{countText(total_rows)}</b> rows
          {truncated && <span class="sampled"> ({countText(rows.length)} shown)</span>}
          <span class="muted">
            {' '}
            · {bytesText(bytes_scanned)} scanned · {durationText(ms)}
          </span>
        </span>
        <span class="push row">
          <button
            type="button"
            class="button tiny"
            aria-pressed={as === 'table'}
            onClick={() => setAs('table')}
          >
            <Icon name="table" />
            Table
          </button>
          <button
            type="button"
            class="button tiny"
            aria-pressed={as === 'chart'}
            disabled={axes === null}
            title={axes === null ? 'A chart needs a column of numbers.' : undefined}
            onClick={() => setAs('chart')}
          >
            <Icon name="chart" />
            Chart
          </button>
          <button type="button" class="button tiny" onClick={() => save('csv')}>
            CSV
          </button>
          <button type="button" class="button tiny" onClick={() => save('json')}>
            JSON
          </button>
        </span>
      </div>
      {rows.length === 0 ? (
        <Empty title="No rows">The statement ran, and nothing fits it.</Empty>
      ) : as === 'chart' && axes !== null ? (
        <ResultChart result={result} axes={axes} />
      ) : (
        <ResultTable result={result} />
      )}
    </>
  );
}
