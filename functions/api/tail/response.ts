/**
 * A listener as the body of an answer. The next event is taken from its queue only when the client has read the one
 * before, so that what a slow client leaves unread waits in the bounded queue and not in the server's buffers.
 */
import type { Listener } from './feed.ts';

const encoder = new TextEncoder();

export function tailResponse(listener: Listener, signal: AbortSignal): Response {
  signal.addEventListener('abort', () => listener.close(), { once: true });
  if (signal.aborted) listener.close();
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const text = await listener.next();
        if (text === null) controller.close();
        else controller.enqueue(encoder.encode(text));
      },
      cancel: () => listener.close(),
    },
    { highWaterMark: 0 },
  );
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      // Proxies hold answers back otherwise.
      'x-accel-buffering': 'no',
    },
  });
}
