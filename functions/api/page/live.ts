/**
 * The live tail: SSE by fetch (an EventSource cannot send a token), on and on. After a break it asks again, waiting longer
 * each time; the time in between stands in the list as a gap. One tail is one request; `close` ends it.
 */
import type { LogEntry } from '../schema/logs.ts';
import type { TailEntries, TailGap, TailQuery } from '../schema/tail.ts';
import { ApiError, ask, type Query } from './request.ts';
import { EventReader, type ServerEvent } from './sse.ts';

export type TailState =
  | { readonly phase: 'connecting' }
  | { readonly phase: 'live' }
  | { readonly phase: 'broken'; readonly error: Error; readonly retryAtMs: number | null };

export interface TailListener {
  /** `matched`: how many entries there were; more than `entries` where only a sample was sent. */
  onEntries(entries: readonly LogEntry[], matched: number): void;
  onGap(gap: { readonly dropped: number | null; readonly fromMs: number; readonly toMs: number }): void;
  onState(state: TailState): void;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
/** The API says something every 15 s: silence for longer is a dead connection. */
const SILENCE_MS = 40_000;

export function openTail(query: TailQuery, listener: TailListener): { close(): void } {
  const stop = new AbortController();
  void run(query, listener, stop.signal);
  return { close: () => stop.abort() };
}

async function run(query: TailQuery, listener: TailListener, stopped: AbortSignal): Promise<void> {
  let lostAtMs: number | null = null;
  let failures = 0;
  while (!stopped.aborted) {
    listener.onState({ phase: 'connecting' });
    let error: Error = new ApiError('The live tail ended.', 0, null, null);
    try {
      for await (const event of eventsOf(query, stopped)) {
        if (event.event === 'ready') {
          failures = 0;
          listener.onState({ phase: 'live' });
          if (lostAtMs !== null) listener.onGap({ dropped: null, fromMs: lostAtMs, toMs: Date.now() });
          lostAtMs = null;
        } else handle(event, listener);
      }
    } catch (thrown) {
      error = thrown as Error;
    }
    if (stopped.aborted) return;
    lostAtMs ??= Date.now();
    failures++;
    const final = error instanceof ApiError && [400, 401, 403, 404].includes(error.status);
    const waitMs =
      (error instanceof ApiError ? error.retryAfterMs : null) ??
      Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
    listener.onState({ phase: 'broken', error, retryAtMs: final ? null : Date.now() + waitMs });
    if (final) return;
    await pause(waitMs, stopped);
  }
}

function handle({ event, data }: ServerEvent, listener: TailListener): void {
  if (event === 'entries') {
    const { entries, matched } = JSON.parse(data) as TailEntries;
    listener.onEntries(entries, matched);
  } else if (event === 'gap') {
    const { dropped, from, to } = JSON.parse(data) as TailGap;
    listener.onGap({ dropped, fromMs: Date.parse(from), toMs: Date.parse(to) });
  }
}

/** Events of one connection; returns when it ends. */
async function* eventsOf(query: TailQuery, stopped: AbortSignal): AsyncGenerator<ServerEvent> {
  const own = new AbortController();
  const end = (): void => own.abort();
  stopped.addEventListener('abort', end);
  let watch: ReturnType<typeof setTimeout> | undefined;
  const alive = (): void => {
    clearTimeout(watch);
    watch = setTimeout(end, SILENCE_MS);
  };
  try {
    alive();
    const response = await ask('/logs/tail', {
      query: query as Query,
      signal: own.signal,
      headers: { accept: 'text/event-stream' },
    });
    const reader = response.body!.getReader();
    const events = new EventReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      alive();
      yield* events.push(value);
    }
  } finally {
    clearTimeout(watch);
    stopped.removeEventListener('abort', end);
    end();
  }
}

function pause(durationMs: number, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, durationMs);
    stopped.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
