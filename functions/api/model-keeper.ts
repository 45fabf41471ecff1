/**
 * The function that keeps the models (functions/drift-function.ts), called from here: where a retraining stands, promote,
 * roll back. It alone changes what serves; the API asks it to, with an ID token for its address, which Cloud Run looks at.
 * Source: https://cloud.google.com/run/docs/authenticating/service-to-service
 */
import { z } from 'zod';
import { errorFields, log } from '../log.ts';
import { WARNING } from '../parse/severity.ts';
import { Fault } from './fault.ts';

export const keeperState = z.object({
  phase: z.enum(['idle', 'training', 'uploading', 'deploying', 'canary']),
  since_ms: z.number(),
  candidate: z.string().nullable(),
  last_training_ms: z.number().nullable(),
  can_promote: z.boolean(),
  can_roll_back: z.boolean(),
  endpoint: z.array(z.object({ id: z.string(), name: z.string(), traffic_percent: z.number() })),
});
export type KeeperState = z.infer<typeof keeperState>;

const done = z.object({
  phase: z.string(),
  rolled_back: z.number().optional(),
  promoted: z.number().optional(),
});

export interface ModelKeeper {
  state(): Promise<KeeperState>;
  promote(): Promise<{ readonly done: boolean; readonly phase: string }>;
  rollBack(): Promise<{ readonly done: boolean; readonly phase: string }>;
}

export interface ModelKeeperOptions {
  readonly url: string;
  /** Of who asks: the client would look for it otherwise, which takes its time. */
  readonly project: string;
  /** How it is called; default: fetch. */
  readonly call?: (url: string, init: RequestInit) => Promise<Response>;
  readonly timeoutMs?: number;
}

/** Rejects with a Fault when it does not answer, or refuses; why stands in the log. */
export function modelKeeper(options: ModelKeeperOptions): ModelKeeper {
  const { url, call = fetch, timeoutMs = 30_000 } = options;
  const authorization = tokenFor(options);
  const ask = async (what: 'state' | 'promote' | 'roll_back'): Promise<unknown> => {
    try {
      const token = await authorization();
      const response = await call(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(token === null ? {} : { authorization: token }) },
        body: JSON.stringify({ do: what }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (response.ok) return await response.json();
      log(WARNING, 'api', 'drift refuses', { status: response.status });
    } catch (error) {
      log(WARNING, 'api', 'drift does not answer', errorFields(error));
    }
    throw new Fault('unavailable', 'the function that keeps the models does not answer; try again', {
      headers: { 'retry-after': '10' },
    });
  };
  return {
    state: async () => keeperState.parse(await ask('state')),
    async promote() {
      const { phase, promoted = 0 } = done.parse(await ask('promote'));
      return { done: promoted > 0, phase };
    },
    async rollBack() {
      const { phase, rolled_back = 0 } = done.parse(await ask('roll_back'));
      return { done: rolled_back > 0, phase };
    },
  };
}

/** The Authorization header for an address, of who runs this; null: plain http is a laptop's, which wants none. */
function tokenFor({ url, project }: ModelKeeperOptions): () => Promise<string | null> {
  if (url.startsWith('http://')) return async () => null;
  const open = async () => {
    const { GoogleAuth } = await import('google-auth-library');
    return new GoogleAuth({ projectId: project }).getIdTokenClient(url);
  };
  // The client keeps its token for as long as it is good.
  let opened: ReturnType<typeof open> | null = null;
  return async () => {
    opened ??= open();
    const client = await opened.catch((error: unknown) => {
      opened = null;
      throw error;
    });
    return (await client.getRequestHeaders()).get('authorization');
  };
}
