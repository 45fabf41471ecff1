import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Listing, ObjectIndex } from '../../../local/storage/object-index.ts';
import type { ObjectRecord } from '../../../local/storage/resource.ts';

const indexOf = (names: Iterable<string>): ObjectIndex => {
  const index = new ObjectIndex();
  for (const name of names) index.put({ name } as ObjectRecord);
  return index;
};

/** All pages of a listing, one after the other. */
const listAll = (
  index: ObjectIndex,
  listing: Listing,
): { items: string[]; prefixes: string[]; pages: number } => {
  const items: string[] = [];
  const prefixes: string[] = [];
  let pages = 0;
  for (let after: string | undefined; ; pages++) {
    const page = index.list(after === undefined ? listing : { ...listing, after });
    expect(page.items.length + page.prefixes.length).toBeLessThanOrEqual(listing.limit);
    items.push(...page.items.map(({ name }) => name));
    prefixes.push(...page.prefixes);
    after = page.last;
    if (after === undefined) return { items, prefixes, pages: pages + 1 };
  }
};

const LOGS = [
  'logs/2026/a',
  'logs/2026/b',
  'logs/2027/c',
  'logs/z',
  'logs0',
  'a',
  'logs/',
  'é',
  '😀',
  '\uffff',
];

describe('a listing', () => {
  it('is in the order of UTF-8 bytes', () => {
    const { items } = listAll(indexOf(LOGS), { limit: 100 });
    expect(items).toEqual([
      'a',
      'logs/',
      'logs/2026/a',
      'logs/2026/b',
      'logs/2027/c',
      'logs/z',
      'logs0',
      'é',
      '\uffff',
      '😀',
    ]);
  });

  it('rolls names up into prefixes at the delimiter', () => {
    const index = indexOf(LOGS);
    expect(listAll(index, { delimiter: '/', limit: 100 })).toMatchObject({
      items: ['a', 'logs0', 'é', '\uffff', '😀'],
      prefixes: ['logs/'],
    });
    expect(listAll(index, { delimiter: '/', prefix: 'logs/', limit: 100 })).toMatchObject({
      items: ['logs/', 'logs/z'],
      prefixes: ['logs/2026/', 'logs/2027/'],
    });
    const trailing = listAll(index, { delimiter: '/', includeTrailingDelimiter: true, limit: 100 });
    expect(trailing.items).toContain('logs/');
  });

  it('begins at startOffset and ends before endOffset', () => {
    const listing = { startOffset: 'logs/2026/b', endOffset: 'logs/z', limit: 100 };
    expect(listAll(indexOf(LOGS), listing).items).toEqual(['logs/2026/b', 'logs/2027/c']);
  });

  it('knows what was added and removed in between', () => {
    const index = indexOf(['b', 'c']);
    expect(listAll(index, { limit: 10 }).items).toEqual(['b', 'c']);
    index.remove('b');
    index.put({ name: 'a' } as ObjectRecord);
    expect(listAll(index, { limit: 10 }).items).toEqual(['a', 'c']);
    index.put({ name: 'b' } as ObjectRecord);
    expect(listAll(index, { limit: 10 }).items).toEqual(['a', 'b', 'c']);
  });

  it('gives the same in pages of any size as in one', () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '/', 'é'), minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(
        fc.uniqueArray(name, { maxLength: 30 }),
        fc.constantFrom('', 'a', 'a/', '/'),
        fc.constantFrom('', '/', 'b'),
        fc.integer({ min: 1, max: 4 }),
        (names, prefix, delimiter, limit) => {
          const index = indexOf(names);
          const whole = listAll(index, { prefix, delimiter, limit: 1_000 });
          const paged = listAll(index, { prefix, delimiter, limit });
          expect(paged.items).toEqual(whole.items);
          expect(paged.prefixes).toEqual(whole.prefixes);
          const matching = names.filter((each) => each.startsWith(prefix));
          const covered = (each: string) =>
            whole.items.includes(each) || whole.prefixes.some((p) => each.startsWith(p));
          expect(matching.every(covered)).toBe(true);
        },
      ),
    );
  });
});
