/**
 * The function that keeps the models (functions/drift-function.ts), called from here: where a retraining stands, promote,
 * roll back. It alone changes what serves; the API asks it to, with a token for its address.
 */
import { z } from 'zod';
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
  /** The Authorization header for the address; null: none is wanted. */
  readonly authorization: () => Promise<string | null>;
  readonly timeoutMs?: number;
}

export function modelKeeper({ url, authorization, timeoutMs = 30_000 }: ModelKeeperOptions): ModelKeeper {
  const call = async (what: 'state' | 'promote' | 'roll_back'): Promise<unknown> => {
    const token = await authorization();
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token === null ? {} : { authorization: token }) },
      body: JSON.stringify({ do: what }),
      signal: AbortSignal.timeout(timeoutMs),
    }).catch(() => null);
    if (response?.ok) return response.json();
    throw new Fault('unavailable', 'the function that keeps the models does not answer; try again', {
      headers: { 'retry-after': '10' },
    });
  };
  return {
    state: async () => keeperState.parse(await call('state')),
    async promote() {
      const { phase, promoted = 0 } = done.parse(await call('promote'));
      return { done: promoted > 0, phase };
    },
    async rollBack() {
      const { phase, rolled_back = 0 } = done.parse(await call('roll_back'));
      return { done: rolled_back > 0, phase };
    },
  };
}
