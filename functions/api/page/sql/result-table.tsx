/** Rows of a result, any number: only those on the screen are in the document. */
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { SqlResult } from '../../schema/sql.ts';
import { visible } from '../element/text.tsx';
import { rowsInView } from '../element/virtual.ts';
import { momentText, utcText } from '../time.ts';
import { cellText } from './cell.ts';

const ROW_PX = 26;
const SAMPLE = 60;
const SHOWN_CHARS = 400;

const isNumber = (type: string): boolean => /^(INT64|INTEGER|FLOAT|FLOAT64|NUMERIC|BIGNUMERIC)$/.test(type);

export function ResultTable({ result }: { result: SqlResult }) {
  const { columns, rows } = result;
  const box = useRef<HTMLDivElement>(null);
  const [scrollTop, setScrollTop] = useState(0);
  const [height, setHeight] = useState(500);
  useLayoutEffect(() => setHeight(box.current!.clientHeight), []);
  const widths = useMemo(() => widthsOf(result), [result]);
  const [first, end] = rowsInView({ scrollTop, height, rowHeight: ROW_PX, count: rows.length });
  const template = { gridTemplateColumns: widths };
  return (
    <div
      ref={box}
      class="result-table"
      role="table"
      aria-label="Rows"
      aria-rowcount={rows.length + 1}
      tabIndex={0}
      onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
    >
      <div class="result-row result-names" role="row" tabIndex={-1} aria-rowindex={1} style={template}>
        {columns.map(({ name, type }, index) => (
          <span
            key={index}
            role="columnheader"
            tabIndex={-1}
            class={isNumber(type) ? 'number' : ''}
            title={type}
          >
            {visible(name)}
          </span>
        ))}
      </div>
      <div class="result-rows" role="rowgroup" style={{ height: `${rows.length * ROW_PX}px` }}>
        {rows.slice(first, end).map((row, offset) => (
          <div
            key={first + offset}
            class="result-row"
            role="row"
            tabIndex={-1}
            aria-rowindex={first + offset + 2}
            style={{ ...template, top: `${(first + offset) * ROW_PX}px` }}
          >
            {columns.map(({ type }, index) => (
              <Cell key={index} value={row[index]} type={type} />
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}

function Cell({ value, type }: { value: unknown; type: string }) {
  if (value === null || value === undefined) {
    return (
      <span role="cell" class={isNumber(type) ? 'muted number' : 'muted'}>
        NULL
      </span>
    );
  }
  const text = cellText(value);
  const isTime = type === 'TIMESTAMP' && typeof value === 'string';
  return (
    <span
      role="cell"
      class={isNumber(type) ? 'number' : ''}
      title={isTime ? utcText(text) : text.length > 40 ? text.slice(0, 2000) : undefined}
    >
      <bdi>
        {isTime
          ? momentText(Date.parse(text), Date.now(), { millis: true })
          : visible(text.slice(0, SHOWN_CHARS))}
      </bdi>
    </span>
  );
}

/** Columns as wide as what the first rows hold, within bounds, so that scrolling changes nothing. */
function widthsOf({ columns, rows }: SqlResult): string {
  return columns
    .map(({ name, type }, index) => {
      if (type === 'TIMESTAMP') return '180px';
      const most = rows
        .slice(0, SAMPLE)
        .reduce((max, row) => Math.max(max, cellText(row[index]).length), name.length);
      const px = Math.min(520, Math.max(64, most * 7.6 + 20));
      return isNumber(type) ? `${px}px` : `minmax(${px}px, ${Math.ceil(px)}fr)`;
    })
    .join(' ');
}
