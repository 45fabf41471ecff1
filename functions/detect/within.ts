/** A deadline as a signal: what waits for it, and what a log says of it. */
import { errorFields, type LogFields } from '../log.ts';

/** `work`, or a rejection with the signal's reason when that ends first; the work itself goes on. */
export function within<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** What of a failed call may be logged. */
export const missedFields = (error: unknown): LogFields =>
  error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError')
    ? { error: 'deadline' }
    : errorFields(error);
