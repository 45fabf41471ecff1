import { beforeEach, describe, expect, it } from 'vitest';
import { KeyedState, listState, mapState, valueState } from '../../../functions/stream/keyed-state.ts';

describe('keyed state', () => {
  let nowMs: number;
  let state: KeyedState;

  beforeEach(() => {
    nowMs = 0;
    state = new KeyedState(() => nowMs);
    state.key = 'a';
  });

  it('keeps values, lists and maps apart by key and by name', () => {
    const value = state.value(valueState<number>('value'));
    const other = state.value(valueState<number>('other'));
    const list = state.list(listState<string>('list'));
    const map = state.map(mapState<number>('map'));
    value.update(1);
    list.add('x');
    list.add('y');
    map.put('__proto__', 2);
    state.key = 'b';
    expect([value.value(), list.get(), map.get('__proto__'), map.has('__proto__')]).toEqual([
      null,
      [],
      null,
      false,
    ]);
    state.key = 'a';
    expect([value.value(), other.value(), list.get()]).toEqual([1, null, ['x', 'y']]);
    expect([map.entries(), map.has('__proto__')]).toEqual([[['__proto__', 2]], true]);
    list.update(['z']);
    map.remove('__proto__');
    value.clear();
    expect([value.value(), list.get(), map.entries()]).toEqual([null, ['z'], []]);
  });

  it('forgets a key of which nothing is left', () => {
    const map = state.map(mapState<number>('map'));
    map.put('k', 1);
    expect(state.size).toBe(1);
    map.remove('k');
    expect(state.size).toBe(0);
  });

  it('never reads what has expired, element by element and entry by entry', () => {
    const list = state.list(listState<string>('list', { ttlMs: 10 }));
    const map = state.map(mapState<number>('map', { ttlMs: 10 }));
    list.add('old');
    map.put('old', 1);
    nowMs = 5;
    list.add('new');
    map.put('new', 2);
    nowMs = 9;
    expect([list.get(), map.get('old')]).toEqual([['old', 'new'], 1]);
    nowMs = 10;
    expect([list.get(), map.entries(), map.has('old')]).toEqual([['new'], [['new', 2]], false]);
    nowMs = 15;
    expect([list.get(), map.entries(), state.size]).toEqual([[], [], 0]);
  });

  it('lives longer by being written, and by being read if it says so', () => {
    const written = state.value(valueState<number>('written', { ttlMs: 10 }));
    const read = state.value(valueState<number>('read', { ttlMs: 10, refreshOnRead: true }));
    written.update(1);
    read.update(1);
    nowMs = 9;
    expect([written.value(), read.value()]).toEqual([1, 1]);
    nowMs = 12;
    expect([written.value(), read.value()]).toEqual([null, 1]);
  });

  it('is swept a few keys at a time, so that keys that never come again go too', () => {
    const value = state.value(valueState<number>('value', { ttlMs: 10 }));
    for (let i = 0; i < 100; i++) {
      state.key = `key-${i}`;
      value.update(i);
    }
    nowMs = 10;
    for (let i = 0; i < 30; i++) state.sweep(2);
    expect(state.size).toBeLessThan(50);
    for (let i = 0; i < 80; i++) state.sweep(2);
    expect(state.size).toBe(0);
  });

  it('is the same after a snapshot, without what has expired', () => {
    const short = valueState<number>('short', { ttlMs: 10 });
    const long = listState<string>('long');
    state.value(short).update(1);
    state.list(long).add('x');
    nowMs = 10;
    const restored = new KeyedState(() => nowMs);
    restored.restore(JSON.parse(JSON.stringify(state.snapshot())));
    restored.key = 'a';
    restored.list(long).add('y');
    expect([restored.value(short).value(), restored.list(long).get()]).toEqual([null, ['x', 'y']]);
  });

  it('refuses a time to live that is none', () => {
    expect(() => valueState('v', { ttlMs: 0 })).toThrow(
      'time to live of state v must be a positive number of ms',
    );
    expect(() => mapState('m', { ttlMs: Number.NaN })).toThrow(RangeError);
  });
});
