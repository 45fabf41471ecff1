/** Stands before an HTTP service and lets some calls go wrong. */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type Fate, type FaultProxy, LATE_MS, type Mishap } from './fault.ts';

/** `upstream`: port of the service; it may change. */
export async function startHttpProxy(upstream: () => number, fate: Fate): Promise<FaultProxy> {
  const server = createServer((incoming, answer) => {
    pass(incoming, answer, upstream(), fate.of()).catch(() => answer.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    fate,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function pass(
  incoming: IncomingMessage,
  answer: ServerResponse,
  port: number,
  mishap: Mishap | null,
): Promise<void> {
  const body = await bytesOf(incoming);
  if (mishap !== null && !mishap.done) {
    spoil(answer, mishap);
    return;
  }
  const { method, url, headers } = incoming;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port, method, path: url, headers, agent: false }, resolve);
    call.once('error', reject);
    call.end(body);
  });
  const bytes = await bytesOf(response);
  if (mishap?.fault === 'latency') await delay(LATE_MS);
  else if (mishap?.fault === 'half') {
    const { 'transfer-encoding': _, ...kept } = response.headers;
    answer.writeHead(response.statusCode ?? 200, { ...kept, 'content-length': Math.max(2, bytes.length) });
    answer.write(bytes.subarray(0, bytes.length >> 1), () => answer.destroy());
    if (bytes.length < 2) answer.destroy();
    return;
  } else if (mishap !== null) {
    spoil(answer, mishap);
    return;
  }
  answer.writeHead(response.statusCode ?? 502, response.headers);
  answer.end(bytes);
}

function spoil(answer: ServerResponse, { fault }: Mishap): void {
  if (fault === 'reset') {
    answer.destroy();
    return;
  }
  const code = Number(fault);
  answer.writeHead(code, { 'content-type': 'application/json' });
  answer.end(JSON.stringify({ error: { code, message: 'as the test asked for', status: 'UNAVAILABLE' } }));
}

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
