import { describe, expect, it } from 'vitest';
import { readCsv } from '../../../models/evaluate/csv.ts';

describe('CSV', () => {
  it('is read with quotes, commas and line ends within them, and either line end', () => {
    const text = 'id,text\r\n1,"a, ""b"""\n2,"two\nlines"\n\n3,plain';
    expect(readCsv(text)).toEqual([
      { id: '1', text: 'a, "b"' },
      { id: '2', text: 'two\nlines' },
      { id: '3', text: 'plain' },
    ]);
  });

  it('with rows too short has empty cells, and without rows is empty', () => {
    expect(readCsv('a,b\n1')).toEqual([{ a: '1', b: '' }]);
    expect(readCsv('a,b\n')).toEqual([]);
  });
});
