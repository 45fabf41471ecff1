/**
 * Stands before the consumers of an experiment as Cloud Run stands before the instances of a function: a push goes to the
 * one with the least in hand. An instance that cannot be reached answers 503, and Pub/Sub delivers again.
 */
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Balancer {
  readonly port: number;
  close(): Promise<void>;
}

interface Instance {
  readonly port: number;
  inHand: number;
}

/** Listens on loopback. `ports`: of the instances. */
export async function startBalancer(ports: readonly number[]): Promise<Balancer> {
  const agent = new Agent({ keepAlive: true });
  const instances: Instance[] = ports.map((port) => ({ port, inHand: 0 }));
  let turn = 0;
  const least = (): Instance => {
    turn++;
    const inTurn = [
      ...instances.slice(turn % instances.length),
      ...instances.slice(0, turn % instances.length),
    ];
    return inTurn.reduce((best, one) => (one.inHand < best.inHand ? one : best));
  };
  const server = createServer((incoming, answer) => {
    const instance = least();
    instance.inHand++;
    answer.once('close', () => {
      instance.inHand--;
    });
    forward(incoming, answer, instance.port, agent);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      agent.destroy();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function forward(incoming: IncomingMessage, answer: ServerResponse, port: number, agent: Agent): void {
  const { method, url, headers } = incoming;
  const call = request({ host: '127.0.0.1', port, method, path: url, headers, agent });
  call.once('response', (response) => {
    answer.writeHead(response.statusCode ?? 502, response.headers);
    response.pipe(answer);
  });
  call.once('error', () => {
    if (!answer.headersSent) answer.writeHead(503);
    answer.end();
  });
  incoming.pipe(call);
}
