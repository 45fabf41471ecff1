/**
 * Who listens where on the laptop: one port each, counted from a base, always on 127.0.0.1.
 */
import { createServer } from 'node:net';

/** Services in the order of their ports. */
export const SERVICES = [
  'page',
  'pubsub',
  'bigquery',
  'bigqueryWrite',
  'storage',
  'firestore',
  'tasks',
  'parse',
  'close',
  'sweep',
  'learn',
  'tier',
  'vertex',
  'drift',
  'alert',
  'remind',
  'alerts',
  'smtp',
] as const;

export type ServiceName = (typeof SERVICES)[number];
export type Ports = Readonly<Record<ServiceName, number>>;

export const DEFAULT_PORT_BASE = 8700;
const MAX_PORT = 65_535;

/** Thrown when a port is taken; the message says whose, and how to choose others. */
export class PortTaken extends Error {
  override readonly name = 'PortTaken';
}

/** Ports from `base` on. Throws a RangeError when they do not fit. */
export function portsFrom(base: number): Ports {
  if (!Number.isInteger(base) || base < 1024 || base + SERVICES.length > MAX_PORT) {
    throw new RangeError(`--port-base must be from 1024 to ${MAX_PORT - SERVICES.length}, not ${base}`);
  }
  return Object.fromEntries(SERVICES.map((name, i) => [name, base + i])) as unknown as Ports;
}

/** Ports that are free just now, wherever the system finds them. */
export async function freePorts(): Promise<Ports> {
  const held = await Promise.all(SERVICES.map(() => hold(0)));
  const ports = held.map(({ port }) => port);
  await Promise.all(held.map(({ release }) => release()));
  return Object.fromEntries(SERVICES.map((name, i) => [name, ports[i]])) as unknown as Ports;
}

/** Throws PortTaken if somebody listens on one of the ports. */
export async function checkPorts(ports: Ports): Promise<void> {
  for (const [name, port] of Object.entries(ports)) {
    const held = await hold(port).catch((error: NodeJS.ErrnoException) => {
      throw new PortTaken(
        `port ${port} (${name}) cannot be used: ${error.code ?? error.message}; choose others with --port-base`,
      );
    });
    await held.release();
  }
}

function hold(port: number): Promise<{ readonly port: number; release(): Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      resolve({
        port: typeof address === 'object' && address !== null ? address.port : port,
        release: () => new Promise((done) => server.close(() => done())),
      });
    });
  });
}
