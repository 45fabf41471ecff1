/**
 * What a view asked for: keeps the answer before while it asks again, so that nothing jumps; asks again on time while the
 * page is seen, less often when the API fails; drops the answer to a question that is no longer the view's.
 */
import { useEffect, useReducer, useRef } from 'preact/hooks';
import { ApiError } from './request.ts';
import { token } from './token.ts';

export interface Resource<T> {
  readonly data: T | undefined;
  readonly error: Error | undefined;
  /** No answer to this question yet. */
  readonly loading: boolean;
  /** The data are of the question before. */
  readonly stale: boolean;
  readonly refresh: () => void;
}

export interface ResourceOptions {
  /** Asks again so often; without it once. */
  readonly everyMs?: number | undefined;
  /** false: not to be asked (yet). */
  readonly when?: boolean | undefined;
  /** What is not there yet will be: asks again. */
  readonly awaited?: boolean | undefined;
}

interface Kept<T> {
  key: string;
  data: T | undefined;
  dataKey: string | undefined;
  error: Error | undefined;
}

const SLOWEST_MS = 60_000;
const AWAITED_MS = 2000;

export function useResource<T>(
  key: string,
  load: (signal: AbortSignal) => Promise<T>,
  { everyMs, when = true, awaited = false }: ResourceOptions = {},
): Resource<T> {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const kept = useRef<Kept<T>>({ key, data: undefined, dataKey: undefined, error: undefined });
  const latest = useRef(load);
  latest.current = load;
  const refresh = useRef(() => {});
  const asked = token.value;

  useEffect(() => {
    if (!when) return;
    const state = kept.current;
    state.key = key;
    state.error = undefined;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let failures = 0;
    const later = (ms: number): void => {
      clearTimeout(timer);
      timer = setTimeout(run, ms);
    };
    const run = async (): Promise<void> => {
      if (document.hidden && state.dataKey === key) return later(everyMs ?? SLOWEST_MS);
      try {
        state.data = await latest.current(stop.signal);
        state.dataKey = key;
        state.error = undefined;
        failures = 0;
      } catch (error) {
        if (stop.signal.aborted) return;
        state.error = error as Error;
        failures++;
      }
      if (stop.signal.aborted) return;
      redraw(0);
      const wait = waitMs(state.error, everyMs, failures, awaited);
      if (wait !== null) later(wait);
    };
    refresh.current = () => later(0);
    void run();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [key, everyMs, when, asked]);

  const { data, dataKey, error } = kept.current;
  const own = kept.current.key === key;
  return {
    data,
    error: own ? error : undefined,
    loading: when && dataKey !== key && (!own || error === undefined),
    stale: dataKey !== key,
    refresh: () => refresh.current(),
  };
}

/** When to ask again; null: not. A question that is wrong, or not allowed, stays so. */
export function waitMs(
  error: Error | undefined,
  everyMs: number | undefined,
  failures: number,
  awaited = false,
): number | null {
  if (error === undefined) return everyMs ?? null;
  if (error instanceof ApiError) {
    if (error.retryAfterMs !== null) return error.retryAfterMs;
    if (error.status === 404 && awaited) return AWAITED_MS;
    if (error.status >= 400 && error.status < 500 && error.status !== 429) return null;
  }
  return Math.min(SLOWEST_MS, (everyMs ?? 2000) * 2 ** Math.min(failures, 5));
}
