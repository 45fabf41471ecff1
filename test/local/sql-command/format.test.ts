import { describe, expect, it } from 'vitest';
import { type Format, rowWriter } from '../../../local/sql-command/format.ts';
import { readParameters } from '../../../local/sql-command/parameter.ts';

class Wrapped {
  readonly value: string;
  constructor(value: string) {
    this.value = value;
  }
}

const ROWS = [
  { service: 'auth', n: new Wrapped('9007199254740993'), tags: ['a', 'b'], note: null },
  { service: 'api "x", y', n: new Wrapped('2'), tags: [], note: 'two\nlines \x1b[31m' },
];

function written(format: Format): string {
  let text = '';
  const columns = ['service', 'n', 'tags', 'note'].map((name) => ({ name, type: 'STRING' }));
  const writer = rowWriter(format, columns, (more) => {
    text += more;
  });
  writer.rows(ROWS);
  writer.end();
  return text;
}

describe('rows as text', () => {
  it('as a table line up, show NULL, and cannot drive the terminal', () => {
    expect(written('table').split('\n')).toEqual([
      'service     n                 tags       note',
      '─'.repeat(57),
      'auth        9007199254740993  ["a","b"]  NULL',
      'api "x", y  2                 []         two\\nlines �[31m',
      '',
    ]);
  });

  it('as CSV quote what needs it and keep every digit', () => {
    expect(written('csv')).toBe(
      'service,n,tags,note\r\nauth,9007199254740993,"[""a"",""b""]",\r\n"api ""x"", y",2,[],"two\nlines \x1b[31m"\r\n',
    );
  });

  it('as JSON are one object a line', () => {
    expect(
      written('json')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))[0],
    ).toEqual({
      service: 'auth',
      n: '9007199254740993',
      tags: ['a', 'b'],
      note: null,
    });
  });
});

describe('parameters', () => {
  it('are read with name, type and value', () => {
    expect(
      readParameters(['since:TIMESTAMP:2026-11-20 10:00:00', 'name::a:b', 'ids:ARRAY<INT64>:[1,2]']),
    ).toEqual({
      params: { since: { value: '2026-11-20 10:00:00' }, name: 'a:b', ids: ['1', '2'] },
      types: { since: 'TIMESTAMP', name: 'STRING', ids: ['INT64'] },
    });
    expect(readParameters(['::x', ':INT64:3'])).toEqual({ params: ['x', '3'], types: ['STRING', 'INT64'] });
    expect(readParameters([])).toBeNull();
  });

  it('that are wrong are refused with what is allowed', () => {
    expect(() => readParameters(['x'])).toThrow('NAME:TYPE:VALUE');
    expect(() => readParameters(['a:NUMBER:1'])).toThrow('no type NUMBER; allowed: STRING, INT64');
    expect(() => readParameters(['a::1', '::2'])).toThrow('all with a name or all without');
    expect(() => readParameters(['a:ARRAY<STRING>:x'])).toThrow('JSON list');
  });
});
