import { describe, expect, it } from 'vitest';
import { rowsInView, scrollFor } from '../../../../functions/api/page/element/virtual.ts';
import { partsOf, wordsOf } from '../../../../functions/api/page/explore/highlight.ts';
import { chipsOf, filtersOf } from '../../../../functions/api/page/explore/search.ts';
import { bytesText, latencyText, percentText, shortCount } from '../../../../functions/api/page/number.ts';
import { hexDump } from '../../../../functions/api/page/pipeline/hex.ts';
import { LiveRows } from '../../../../functions/api/page/rows.ts';
import { csvOf } from '../../../../functions/api/page/sql/cell.ts';
import { completionAt } from '../../../../functions/api/page/sql/completion.ts';
import { tokensOf } from '../../../../functions/api/page/sql/tokens.ts';
import { EventReader } from '../../../../functions/api/page/sse.ts';
import { entriesOf } from './fixture/entries.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('events of the live tail', () => {
  const stream =
    ': hello\r\n\r\nid: 7\r\nevent: entries\r\ndata: {"a":\r\ndata: "é"}\r\n\r\ndata\n\nevent: gap\ndata:x\n\n';
  const expected = [
    { event: 'entries', data: '{"a":\n"é"}' },
    { event: 'message', data: '' },
    { event: 'gap', data: 'x' },
  ];

  it('are the same wherever the connection cuts them', () => {
    const whole = bytes(stream);
    for (let cut = 0; cut <= whole.length; cut++) {
      const reader = new EventReader();
      expect([...reader.push(whole.subarray(0, cut)), ...reader.push(whole.subarray(cut))]).toEqual(expected);
    }
  });
});

describe('rows of a live list', () => {
  const entries = entriesOf(1000, 0);

  it('come newest first and are bounded', () => {
    const rows = new LiveRows(100);
    for (let turn = 0; turn < 10; turn++) {
      rows.add(entries.slice(turn * 20, turn * 20 + 20), 20);
      rows.flush();
    }
    expect(rows.rows).toHaveLength(100);
    expect(rows.rows[0]).toEqual({ kind: 'entry', entry: entries[199] });
    expect(rows.matched).toBe(200);
    expect(rows.sampledOut).toBe(0);
  });

  it('are an even sample when there are too many, and say how many were left out', () => {
    const rows = new LiveRows();
    rows.add(entries, 1500);
    rows.gap({ dropped: 3, fromMs: 0, toMs: 1 });
    rows.flush(50);
    expect(rows.rows).toHaveLength(51);
    expect(rows.rows[0]).toMatchObject({ kind: 'gap', dropped: 3 });
    expect(rows.sampledOut).toBe(1500 - 50);
  });

  it('forget the oldest of what waits, when nobody looks for long', () => {
    const rows = new LiveRows(300);
    rows.add(entries, 1000);
    expect(rows.waiting).toBe(300);
    rows.flush(1000);
    expect(rows.rows[0]).toEqual({ kind: 'entry', entry: entries[999] });
    expect(rows.sampledOut).toBe(700);
  });
});

describe('a long list', () => {
  it('draws the rows on the screen and a margin', () => {
    expect(rowsInView({ scrollTop: 0, height: 100, rowHeight: 10, count: 100_000 })).toEqual([0, 22]);
    expect(rowsInView({ scrollTop: 999_900, height: 100, rowHeight: 10, count: 100_000 })).toEqual([
      99_978, 100_000,
    ]);
    expect(rowsInView({ scrollTop: 500, height: 100, rowHeight: 10, count: 3 })).toEqual([3, 3]);
  });

  it('scrolls only when the row is not whole on the screen', () => {
    const view = { scrollTop: 100, height: 100, rowHeight: 10 };
    expect([5, 10, 19, 20].map((index) => scrollFor(index, view))).toEqual([50, null, null, 110]);
  });
});

describe('a search', () => {
  it('takes what it knows from an address and leaves the rest', () => {
    const query = new URLSearchParams(
      'q= a &service=x&service=x&severity=ERROR&severity=BAD&status=5xx&status=9&anomaly=maybe&trace=',
    );
    expect(filtersOf(query)).toEqual({ q: 'a', service: ['x'], severity: ['ERROR'], status: ['5xx'] });
    expect(chipsOf(filtersOf(query)).map(({ name, value }) => `${name}=${value}`)).toEqual([
      'service=x',
      'severity=ERROR',
      'status=5xx',
    ]);
  });

  it('marks its words, and nothing that it leaves out', () => {
    const words = wordsOf('Refused "to 10" -gone region=eu');
    expect(words).toEqual(['refused', 'to 10']);
    expect(partsOf('connection to 10.0 refused', words)).toEqual([
      { text: 'connection ', found: false },
      { text: 'to 10', found: true },
      { text: '.0 ', found: false },
      { text: 'refused', found: true },
    ]);
    expect(partsOf('İ to 10', words)).toEqual([{ text: 'İ to 10', found: false }]);
  });
});

describe('SQL', () => {
  const tables = [
    {
      name: 'logs',
      kind: 'view' as const,
      description: '',
      columns: [{ name: 'service', type: 'STRING', description: '' }],
    },
    {
      name: 'windows',
      kind: 'view' as const,
      description: '',
      columns: [{ name: 'errors', type: 'INT64', description: '' }],
    },
  ];
  const texts = (sql: string, at = sql.length, asked = false): string[] =>
    completionAt(sql, at, { tables, saved: [] }, asked)?.suggestions.map(({ text }) => text) ?? [];

  it('keeps every character, whatever is written', () => {
    for (const sql of ["SELECT 'a\\'b' -- c", "r'''x", '`a', '/* open', 'COUNT(*) @p 1.5e3 é', '"'])
      expect(
        tokensOf(sql)
          .map(({ text }) => text)
          .join(''),
      ).toBe(sql);
    expect(tokensOf('COUNT(@p)').map(({ kind }) => kind)).toEqual([
      'function',
      'plain',
      'parameter',
      'plain',
    ]);
  });

  it('completes columns of the tables that are named, by their alias too, and nothing inside a text', () => {
    expect(texts('SELECT s FROM logs', 8)[0]).toBe('service');
    expect(texts('SELECT w. FROM windows AS w', 9)).toEqual(['errors']);
    expect(texts('SELECT * FROM wind')).toContain('windows');
    expect(texts("SELECT 'serv")).toEqual([]);
    expect(texts('SELECT 1 -- serv')).toEqual([]);
    expect(texts('SELECT ', 7)).toEqual([]);
    expect(texts('SELECT ', 7, true)).toContain('service');
  });

  it('leaves a file in which no spreadsheet finds a formula', () => {
    const columns = [
      { name: 'a', type: 'STRING' },
      { name: 'b', type: 'INT64' },
    ];
    expect(
      csvOf({
        columns,
        rows: [
          ['=1+1', -5],
          ['say "x", y', null],
        ],
      }),
    ).toBe('a,b\r\n\'=1+1,-5\r\n"say ""x"", y",\r\n');
  });
});

describe('figures', () => {
  it('are short, and a dash where there is none', () => {
    expect([0, 950, 12_345, 4_560_000, null].map(shortCount)).toEqual(['0', '950', '12.3k', '4.56M', '–']);
    expect([0, 0.0004, 0.0523, 0.52, 1, null].map(percentText)).toEqual([
      '0 %',
      '< 0.1 %',
      '5.2 %',
      '52 %',
      '100 %',
      '–',
    ]);
    expect([0, 0.42, 87, 1230, 90_000, null].map(latencyText)).toEqual([
      '0 ms',
      '0.4 ms',
      '87 ms',
      '1.23 s',
      '1.5 min',
      '–',
    ]);
    expect([0, 999, 1_234_567, null].map(bytesText)).toEqual(['0 B', '999 B', '1.2 MB', '–']);
  });

  it('bytes are shown as hexdump shows them', () => {
    expect(hexDump(Buffer.from('{"a":1}\n\u0000').toString('base64'))).toBe(
      '00000000  7b 22 61 22 3a 31 7d 0a 00                       |{"a":1}..|',
    );
  });
});
