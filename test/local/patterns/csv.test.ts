import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnOf, recordsOf } from '../../../local/patterns/csv.ts';

const read = (text: string) => [...recordsOf([text])];
const quote = (field: string) => `"${field.replaceAll('"', '""')}"`;

describe('reading CSV', () => {
  it.each([
    [
      'a,b\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a,b\r\n1,2\r\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a,b\n1,2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    ['"a, b","say ""hi"""\n', [['a, b', 'say "hi"']]],
    ['"two\nlines",x\n', [['two\nlines', 'x']]],
    ['a,,\n', [['a', '', '']]],
    ['"",b\n', [['', 'b']]],
    ['5" disk,b\n', [['5" disk', 'b']]],
    ['a\n\n\nb\n', [['a'], ['b']]],
    ['"never closed\nrest', [['never closed\nrest']]],
    ['"a"', [['a']]],
    ['"kept\r"\n', [['kept\r']]],
    ['', []],
  ])('%j', (text, records) => {
    expect(read(text)).toEqual(records);
  });

  it('gives back what was written, wherever the blocks of the file are cut', () => {
    const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'é') });
    const table = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 6 });
    const holds = (records: readonly string[][], size: number): void => {
      const text = records.map((record) => `${record.map(quote).join(',')}\r\n`).join('');
      const blocks = [];
      for (let i = 0; i < text.length; i += size) blocks.push(text.slice(i, i + size));
      expect([...recordsOf(blocks)]).toEqual(records);
    };
    fc.assert(fc.property(table, fc.integer({ min: 1, max: 9 }), holds), { numRuns: 300 });
  });

  it('names the columns there are when the one asked for is missing', () => {
    expect([...columnOf(['id,Content\n1,x\n2,y\n'], 'Content')]).toEqual(['x', 'y']);
    expect(() => [...columnOf(['id,text\n1,x\n'], 'Content')]).toThrow(
      "no column 'Content'; there are: id, text",
    );
  });
});
