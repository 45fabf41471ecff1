/**
 * Who listens where on the laptop: one port each, counted from a base, always on 127.0.0.1.
 */
import { randomInt } from 'node:crypto';
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
  'load',
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

/** Below the ports that systems give to clients, so that none of these takes one between a stop and the next start. */
const [LOWEST_FREE, HIGHEST_FREE] = [10_000, 32_000];
const MAX_TRIES = 50;

/** Ports that are free just now, wherever they are found. */
export async function freePorts(): Promise<Ports> {
  for (let tries = 1; ; tries++) {
    const ports = portsFrom(randomInt(LOWEST_FREE, HIGHEST_FREE - SERVICES.length));
    try {
      await checkPorts(ports);
      return ports;
    } catch (error) {
      if (!(error instanceof PortTaken) || tries === MAX_TRIES) throw error;
    }
  }
}

/** Throws PortTaken if somebody listens on one of the ports. */
export async function checkPorts(ports: Ports): Promise<void> {
  for (const [name, port] of Object.entries(ports)) {
    const release = await hold(port).catch((error: NodeJS.ErrnoException) => {
      throw new PortTaken(
        `port ${port} (${name}) cannot be used: ${error.code ?? error.message}; choose others with --port-base`,
      );
    });
    await release();
  }
}

/** Resolves to what lets the port go. */
function hold(port: number): Promise<() => Promise<void>> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () =>
      resolve(() => new Promise((done) => server.close(() => done()))),
    );
  });
}
