import { appendFileSync, mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PlacedChange, SegmentLog } from '../../../local/firestore/segment-log.ts';

let dir: string;
let replayed: PlacedChange[];

const open = (): SegmentLog => {
  replayed = [];
  return new SegmentLog({ dir, segmentBytes: 1_000 }, (change) => replayed.push(change));
};
const seen = (): [string, string | undefined][] =>
  replayed.map(({ name, bytes }) => [name, bytes && Buffer.from(bytes).toString()]);
const files = (): string[] => readdirSync(dir).sort();

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'segments-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('the log of documents', () => {
  it('gives back what was appended, puts and deletions in order, and reads each from its place', () => {
    const log = open();
    const places = log.append([{ name: 'a', bytes: Buffer.from('one') }, { name: 'b' }]);
    log.append([{ name: 'ü', bytes: Buffer.from('') }]);
    expect(log.read(places[0]!).toString()).toBe('one');
    expect(places[1]).toBeUndefined();
    log.close();
    const again = open();
    expect(seen()).toEqual([
      ['a', 'one'],
      ['b', undefined],
      ['ü', ''],
    ]);
    expect(again.read(replayed[0]!.location!).toString()).toBe('one');
    again.close();
  });

  it('forgets a commit that was torn, wholly, and goes on in its place', () => {
    const log = open();
    log.append([{ name: 'a', bytes: Buffer.from('one') }]);
    const before = log.size.bytes;
    log.append([
      { name: 'b', bytes: Buffer.from('two') },
      { name: 'c', bytes: Buffer.from('three') },
    ]);
    const after = log.size.bytes;
    log.close();
    for (let torn = after - 1; torn > before; torn--) {
      truncateSync(join(dir, files()[0]!), torn);
      open().close();
      expect(seen()).toEqual([['a', 'one']]);
      appendFileSync(join(dir, files()[0]!), Buffer.alloc(after - before, 0xff));
    }
    const last = open();
    last.append([{ name: 'd', bytes: Buffer.from('four') }]);
    last.close();
    open().close();
    expect(seen().map(([name]) => name)).toEqual(['a', 'd']);
  });

  it('begins a new file when one is full, and gives up the oldest once it is mostly dead', () => {
    const log = open();
    const places = Array.from(
      { length: 6 },
      (_, n) => log.append([{ name: `d${n}`, bytes: Buffer.alloc(600) }])[0]!,
    );
    for (const { segment, length } of places) segment.liveBytes += length;
    expect(files()).toHaveLength(3);
    expect(log.stale()).toBeUndefined();
    places[0]!.segment.liveBytes -= 600;
    const stale = log.stale()!;
    expect(log.changes(stale).map(({ name }) => name)).toEqual(['d0', 'd1']);
    const release = log.hold();
    log.drop(stale);
    expect(files()).toHaveLength(2);
    expect(log.read(places[1]!)).toHaveLength(600);
    release();
    expect(() => log.read(places[1]!)).toThrow();
    log.close();
  });
});
