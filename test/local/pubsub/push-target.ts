import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One push as it arrived. */
export interface Arrival {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: {
    readonly subscription: string;
    readonly deliveryAttempt?: number;
    readonly message: {
      readonly data?: string;
      readonly attributes?: Readonly<Record<string, string>>;
      readonly messageId: string;
      readonly message_id: string;
      readonly publishTime: string;
      readonly publish_time: string;
      readonly orderingKey?: string;
    };
  };
}

export interface PushTarget {
  readonly url: string;
  readonly port: number;
  readonly arrivals: Arrival[];
  /** Resolves when so many pushes have arrived. */
  reached(count: number): Promise<void>;
  close(): Promise<void>;
}

type Answer = (response: ServerResponse, arrival: Arrival, index: number) => void;

const ok: Answer = (response) => response.writeHead(204).end();

/** An endpoint on loopback; answers 204 unless told otherwise. */
export async function startPushTarget(answer: Answer = ok, port = 0): Promise<PushTarget> {
  const arrivals: Arrival[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Arrival['body'];
    const arrival = { path: request.url!, headers: request.headers, body };
    arrivals.push(arrival);
    answer(response, arrival, arrivals.length - 1);
    server.emit('arrival');
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    arrivals,
    reached: async (count) => {
      while (arrivals.length < count) await once(server, 'arrival');
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

export const textOf = ({ body }: Arrival): string =>
  Buffer.from(body.message.data ?? '', 'base64').toString();
