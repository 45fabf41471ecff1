/**
 * The services that log: five kinds, as many of each as asked for, each with instances of its own, and the routes
 * that requests take through them. A sixth service is a second gateway with services of its own behind it.
 */
import { hex, Random } from './random.ts';
import { KINDS, type Kind } from './vocabulary.ts';

export interface Service {
  /** Place in the list. */
  readonly index: number;
  readonly name: string;
  readonly kind: Kind;
  /** Names of its pods. */
  readonly instances: readonly string[];
}

/** What a client asks for, and which services take part, the gateway first. */
export interface Route {
  readonly method: string;
  /** With `:id` where an identifier stands, at its end. */
  readonly pattern: string;
  /** Pattern without the identifier. */
  readonly prefix: string;
  readonly hasId: boolean;
  readonly chain: readonly Kind[];
  /** Share of all requests, relative to the other routes. */
  readonly weight: number;
  /** Median of the time that each service of the chain takes by itself, in ms. */
  readonly medianMs: number;
  /** Spread: standard deviation of the logarithm. */
  readonly sigma: number;
}

const route = (
  request: string,
  chain: readonly Kind[],
  weight: number,
  medianMs: number,
  sigma = 0.45,
): Route => {
  const [method, pattern] = request.split(' ') as [string, string];
  const prefix = pattern.replace(':id', '');
  const hasId = prefix !== pattern;
  return { method, pattern, prefix, hasId, chain: ['api-gateway', ...chain], weight, medianMs, sigma };
};

export const ROUTES: readonly Route[] = [
  route('POST /v1/login', ['user', 'auth'], 10, 28),
  route('POST /v1/tokens', ['auth'], 14, 9, 0.35),
  route('GET /v1/products/:id', ['inventory'], 22, 14),
  route('GET /v1/stock', ['inventory'], 8, 22),
  route('POST /v1/orders', ['inventory', 'payment'], 10, 46),
  route('POST /v1/payments', ['payment', 'auth'], 10, 65, 0.5),
  route('POST /v1/refunds', ['payment'], 4, 80, 0.5),
  route('GET /v1/users/:id', ['user'], 12, 11),
  route('PATCH /v1/users/:id', ['user', 'auth'], 5, 24),
  route('GET /v1/status', [], 5, 2, 0.3),
];

/** Share of the lines that belong to no request. */
export const JOB_SHARE = 0.12;

const INSTANCES = 3;

/** Services by number, five kinds in turn, or by name and kind. Throws RangeError for what cannot be. */
export function servicesOf(asked: number | readonly { name: string; kind: Kind }[]): Service[] {
  if (typeof asked !== 'number') return asked.map(({ name, kind }, index) => service(index, name, kind));
  if (!Number.isInteger(asked) || asked < 1 || asked > 10_000) {
    throw new RangeError(`services: ${asked} is not allowed; allowed: a whole number from 1 to 10000`);
  }
  return Array.from({ length: asked }, (_, index) => {
    const kind = KINDS[index % KINDS.length]!;
    const group = Math.floor(index / KINDS.length) + 1;
    return service(index, group === 1 ? kind : `${kind}-${group}`, kind);
  });
}

function service(index: number, name: string, kind: Kind): Service {
  if (!/^[\w.-]{1,100}$/.test(name)) {
    throw new RangeError(`service name "${name}" is not allowed; allowed: letters, digits, "_", ".", "-"`);
  }
  const random = new Random().seed(index, 0x7e57);
  const replicaSet = hex(random, 2).slice(0, 9);
  const instances = Array.from(
    { length: INSTANCES },
    () => `${name}-${replicaSet}-${hex(random, 1).slice(0, 5)}`,
  );
  return { index, name, kind, instances };
}
