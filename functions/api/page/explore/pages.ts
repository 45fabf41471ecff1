/** Entries page by page, as far as somebody scrolls: at most 100,000 are kept. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { LogEntry, LogsQuery } from '../../schema/logs.ts';
import { api } from '../api.ts';
import { token } from '../token.ts';

export interface Pages {
  readonly entries: readonly LogEntry[];
  /** There are more to be asked for. */
  readonly more: boolean;
  /** No answer yet to this question. */
  readonly loading: boolean;
  readonly loadingMore: boolean;
  readonly error: Error | undefined;
  /** Asks for the next page, unless it is asked for already. */
  readonly next: () => void;
  readonly refresh: () => void;
}

export const MOST_ENTRIES = 100_000;
const FIRST_PAGE = 200;
const PAGE = 1000;

interface State {
  readonly entries: readonly LogEntry[];
  readonly cursor: string | null;
  readonly key: string;
  readonly error: Error | undefined;
}

/** `query` is asked once per `key`, so that a range that moves does not move between two pages. */
export function usePages(key: string, query: () => LogsQuery, when: boolean): Pages {
  const [state, setState] = useState<State>({ entries: [], cursor: null, key: '', error: undefined });
  const [loadingMore, setLoadingMore] = useState(false);
  const [turn, setTurn] = useState(0);
  const asked = useRef<{ query: LogsQuery; stop: AbortController } | null>(null);
  const given = token.value;

  useEffect(() => {
    if (!when) return;
    const stop = new AbortController();
    const first = query();
    asked.current = { query: first, stop };
    setLoadingMore(false);
    api.logs({ ...first, limit: FIRST_PAGE }, stop.signal).then(
      ({ items, next_cursor, from, to }) => {
        // The next pages are of the range that the first one had.
        asked.current = { query: { ...first, from, to }, stop };
        setState({ entries: items, cursor: next_cursor, key, error: undefined });
      },
      (error: Error) => {
        if (!stop.signal.aborted) setState({ entries: [], cursor: null, key, error });
      },
    );
    return () => stop.abort();
  }, [key, when, turn, given]);

  const next = useCallback(() => {
    const { current } = asked;
    if (current === null || state.cursor === null || state.key !== key || loadingMore) return;
    if (state.entries.length >= MOST_ENTRIES) return;
    setLoadingMore(true);
    api.logs({ ...current.query, limit: PAGE, cursor: state.cursor }, current.stop.signal).then(
      ({ items, next_cursor }) => {
        setState((before) => ({ ...before, entries: [...before.entries, ...items], cursor: next_cursor }));
        setLoadingMore(false);
      },
      (error: Error) => {
        if (current.stop.signal.aborted) return;
        setState((before) => ({ ...before, error }));
        setLoadingMore(false);
      },
    );
  }, [state, key, loadingMore]);

  return {
    entries: state.entries,
    more: state.cursor !== null && state.entries.length < MOST_ENTRIES,
    loading: when && state.key !== key,
    loadingMore,
    error: state.key === key ? state.error : undefined,
    next,
    refresh: () => setTurn(turn + 1),
  };
}
