/**
 * Which sets of models judge, and how much of the windows each, where models run in the functions: what the traffic
 * split of an endpoint is to Vertex AI. One small object in the models' bucket, replaced whole; without it the set that
 * the functions were deployed with judges alone. Pure.
 *
 * What was written beside other models than those is void: a deployment with a new set lets that one judge, as a
 * deployment to the endpoint does.
 */
import { z } from 'zod';
import { parsed } from './model-folder.ts';

/** The set that the functions were deployed with. */
export const SHIPPED = 'shipped';

/** Percent by set. */
export type Traffic = Readonly<Record<string, number>>;

/** All of them by the set that the functions were deployed with. */
export const ONLY_SHIPPED: Traffic = { [SHIPPED]: 100 };

const shape = z.object({
  /** Version of the set that the functions were deployed with when this was written. */
  shipped: z.string(),
  deployed: z.array(z.object({ id: z.string(), model: z.string(), displayName: z.string() })),
  traffic: z.record(z.string(), z.number().min(0).max(100)),
});
export type ServedSets = Readonly<z.infer<typeof shape>>;

/** As the object has it. */
export function readServed(text: string | null, shipped: string): ServedSets {
  const read = shape.safeParse(parsed(text));
  if (read.success && read.data.shipped === shipped) return read.data;
  const deployed = [{ id: SHIPPED, model: '', displayName: `logweir-${shipped}` }];
  return { shipped, deployed, traffic: { ...ONLY_SHIPPED } };
}

/** Picks an id by its percent; `chance` in [0, 1). null: none has any. */
export function chosen(traffic: Traffic, chance: number): string | null {
  let left = chance * Object.values(traffic).reduce((sum, percent) => sum + percent, 0);
  for (const [id, percent] of Object.entries(traffic)) {
    left -= percent;
    if (left < 0) return id;
  }
  return null;
}
