/** What an HTTP answer, or none, means for a delivery. Never holds what the other side wrote, but for its error's name. */
import { later, type Outcome, refused, sent, type ThreadRef } from './channel.ts';
import { type Answered, ForbiddenAddress } from './safe-fetch.ts';

const MAX_AFTER_MS = 3_600_000;

/** 2xx: sent · 408, 425, 429, 5xx: later · anything else, redirects too: refused. */
export function outcomeOf(
  { status, headers }: Answered,
  nowMs: number,
  thread: ThreadRef | null = null,
): Outcome {
  if (status >= 200 && status < 300) return sent(thread);
  const why = `status ${status}`;
  if (status >= 300 && status < 400) return refused(`${why}: redirects are not followed`);
  if (status === 408 || status === 425 || status === 429 || status >= 500)
    return later(why, retryAfterMs(headers['retry-after'], nowMs));
  return refused(why);
}

/** A header Retry-After, in seconds or as a date; null: there is none. */
export function retryAfterMs(value: string | undefined, nowMs: number): number | null {
  if (value === undefined) return null;
  const ms = /^\d+$/.test(value.trim()) ? 1000 * Number(value) : Date.parse(value) - nowMs;
  return Number.isFinite(ms) ? Math.min(MAX_AFTER_MS, Math.max(0, ms)) : null;
}

/** Runs a delivery over HTTP; what goes wrong on the way is an outcome. */
export async function attempted(work: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ForbiddenAddress) return refused(error.message);
    const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
    return later(`no answer: ${typeof code === 'string' ? code : String(name)}`);
  }
}
