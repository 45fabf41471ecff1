/** The live tail as rows on the screen: one redraw for many entries, none while paused. */
import { useEffect, useReducer, useRef, useState } from 'preact/hooks';
import type { TailQuery } from '../../schema/tail.ts';
import { openTail, type TailState } from '../live.ts';
import { LiveRows, type Row } from '../rows.ts';
import { token } from '../token.ts';

export interface LiveView {
  readonly rows: readonly Row[];
  readonly state: TailState;
  readonly matched: number;
  readonly sampledOut: number;
  /** Rows that wait while it is paused. */
  readonly waiting: number;
  /** Entries a second, of the last seconds. */
  readonly perSecond: number;
  readonly clear: () => void;
}

/** Redraws: often enough to be live, seldom enough to be read. */
const REDRAW_MS = 100;
const RATE_MS = 2000;

export function useLiveRows(key: string, query: TailQuery, on: boolean, paused: boolean): LiveView {
  const live = useRef(new LiveRows());
  const isPaused = useRef(paused);
  isPaused.current = paused;
  const [state, setState] = useState<TailState>({ phase: 'connecting' });
  const [perSecond, setPerSecond] = useState(0);
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const given = token.value;

  useEffect(() => {
    if (!on) return;
    live.current = new LiveRows();
    const tail = openTail(query, {
      onEntries: (entries, matched) => live.current.add(entries, matched),
      onGap: (gap) => live.current.gap(gap),
      onState: setState,
    });
    let frame = 0;
    let drawnAt = 0;
    let waited = 0;
    const onFrame = (at: number): void => {
      frame = requestAnimationFrame(onFrame);
      if (at - drawnAt < REDRAW_MS) return;
      drawnAt = at;
      const { waiting } = live.current;
      if (isPaused.current ? waiting !== waited : live.current.flush()) redraw(0);
      waited = live.current.waiting;
    };
    frame = requestAnimationFrame(onFrame);
    let before = 0;
    const rate = setInterval(() => {
      setPerSecond(Math.max(0, live.current.matched - before) / (RATE_MS / 1000));
      before = live.current.matched;
    }, RATE_MS);
    return () => {
      cancelAnimationFrame(frame);
      clearInterval(rate);
      tail.close();
    };
  }, [key, on, given]);

  const { rows, matched, sampledOut, waiting } = live.current;
  return {
    rows,
    state,
    matched,
    sampledOut,
    waiting,
    perSecond,
    clear: () => {
      live.current.clear();
      redraw(0);
    },
  };
}
