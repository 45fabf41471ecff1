import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decideSession, sessionsOf } from '../../../functions/window/session-state.ts';
import { decideFiring, digestOf } from '../../../functions/window/state.ts';
import type { RowState, StoredPart, WindowState } from '../../../functions/window/store.ts';

const casesOf = <Case>(name: string): readonly Case[] => {
  const url = new URL(`../../cases/${name}.json`, import.meta.url);
  return (JSON.parse(readFileSync(url, 'utf8')) as { readonly cases: readonly Case[] }).cases;
};

const part = (id: string, createdAtMs = 0): StoredPart => ({ id, data: '[]', createdAtMs });

interface WindowCase {
  readonly name: string;
  readonly state: {
    readonly revision: number;
    readonly parts: readonly string[];
    readonly written: boolean;
  } | null;
  readonly parts: readonly string[];
  readonly created_at?: number;
  readonly now?: number;
  readonly act: string;
  readonly why?: string;
  readonly revision?: number;
  readonly parts_merged?: number;
  readonly seal_at?: number;
}

describe('the life of a window', () => {
  const window = { start: 0, end: 10_000 };
  const stateOf = ({ state }: WindowCase): WindowState | null => {
    if (state === null) return null;
    const { revision, written, parts } = state;
    const digest = digestOf(parts.map((id) => part(id)));
    return {
      rows: [{ ...window, revision, written, digest, parts: parts.length, tombstone: false }],
      sealAtMs: 1_010_000,
    };
  };

  for (const one of casesOf<WindowCase>('window-life')) {
    it(one.name, () => {
      const parts = one.parts.map((id) => part(id, one.created_at));
      const firing = decideFiring(stateOf(one), window, parts, {
        nowMs: one.now ?? 20_000,
        retentionMs: 1_000_000,
      });
      expect(firing.act).toBe(one.act);
      if (firing.act === 'none') expect(firing.why).toBe(one.why);
      else {
        expect(firing.next.rows).toEqual([
          {
            ...{ ...window, revision: one.revision, parts: one.parts_merged, digest: digestOf(parts) },
            ...{ written: false, tombstone: false },
          },
        ]);
        expect(firing.next.sealAtMs).toBe(one.seal_at ?? 1_010_000);
      }
    });
  }
});

type Kind = 'written' | 'claimed' | 'tombstone' | 'gone';
type Row = readonly [start: number, end: number, revision: number, parts: string, kind: Kind];

interface SessionCase {
  readonly name: string;
  readonly session: readonly [start: number, end: number, parts: string];
  readonly rows: readonly Row[];
  readonly act: string;
  readonly why?: string;
  readonly result?: readonly Row[];
}

describe('the life of a session', () => {
  const partsOf = (letters: string): StoredPart[] => [...letters].map((id) => part(id));
  const rowOf = ([start, end, revision, letters, kind]: Row): RowState => ({
    ...{ start, end, revision, parts: letters.length },
    digest: kind === 'tombstone' || kind === 'gone' ? '' : digestOf(partsOf(letters)),
    written: kind === 'written' || kind === 'gone',
    tombstone: kind === 'tombstone' || kind === 'gone',
  });

  for (const one of casesOf<SessionCase>('session-life')) {
    it(one.name, () => {
      const [start, end, letters] = one.session;
      const session = { window: { start, end }, parts: partsOf(letters) };
      const firing = decideSession(session, one.rows.map(rowOf));
      expect(firing.act).toBe(one.act);
      if (firing.act === 'none') expect(firing.why).toBe(one.why);
      else expect(firing.rows).toEqual(one.result?.map(rowOf));
    });
  }
});

describe('the sessions of fragments', () => {
  const spans = (...list: readonly (readonly [number, number])[]): StoredPart[] =>
    list.map(([start, end], i) => ({ ...part(`${9 - i}`), span: { start, end } }));
  const windows = (parts: readonly StoredPart[]) =>
    sessionsOf(parts).map(({ window: { start, end }, parts: { length } }) => [start, end, length]);

  it('are one where they overlap or touch, and two where a millisecond lies between', () => {
    expect(windows(spans([0, 10], [10, 20]))).toEqual([[0, 20, 2]]);
    expect(windows(spans([11, 20], [0, 10]))).toEqual([
      [0, 10, 1],
      [11, 20, 1],
    ]);
  });

  it('reach as far as the longest fragment, not the last', () => {
    expect(windows(spans([0, 50], [5, 10], [50, 60]))).toEqual([[0, 60, 3]]);
  });

  it('hold their parts in order of their ids, whatever their times', () => {
    const [session] = sessionsOf(spans([0, 10], [5, 20], [15, 30]));
    expect(session?.parts.map(({ id }) => id)).toEqual(['7', '8', '9']);
  });
});
