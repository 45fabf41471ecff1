/**
 * Where models run in the functions: sets are deployed, given traffic and taken off by one object of the models' bucket
 * (served-sets.ts), which every instance reads once a minute. To a retraining it is what an endpoint is: canary, all
 * traffic, roll-back.
 *
 * Guarantee: the object is replaced under the generation that was read; of two callers at once one rejects with the code
 * CONFLICT. Everything may be done again. A set is looked at whole, by its checksums, before it gets any traffic.
 */
import { ArtifactError } from '../../models/artifact.ts';
import type { CatalogueStore } from '../parse/pattern/catalogue-store.ts';
import { readServed, type ServedSets, SHIPPED } from './served-sets.ts';
import type { ModelHost, Operation } from './vertex.ts';

export interface BucketHostOptions {
  /** The object. */
  readonly store: CatalogueStore;
  /** Version of the set that the functions were deployed with. */
  readonly shipped: string;
  /** Reads the set of a version and checks it. Rejects with ArtifactError for one that is not whole. */
  readonly check: (version: string) => Promise<unknown>;
}

/** Operations are done when they are answered; their names hold what came of them. */
const REFUSED = 'refused: ';

const operationOf = (name: string): Operation => ({
  ...{ name, done: true },
  ...(name.startsWith(REFUSED)
    ? { result: null, failure: name.slice(REFUSED.length) }
    : { result: name, failure: null }),
});

/** As deployments name them. */
const versionOf = (displayName: string): string => displayName.replace(/^logweir-/, '');

export function bucketHost({ store, shipped, check }: BucketHostOptions): ModelHost {
  async function read(): Promise<{ readonly served: ServedSets; readonly generation: string | null }> {
    const stored = await store.read(null);
    return stored === null || stored === 'same'
      ? { served: readServed(null, shipped), generation: null }
      : { served: readServed(stored.text, shipped), generation: stored.generation };
  }

  async function change(edit: (served: ServedSets) => ServedSets): Promise<void> {
    const { served, generation } = await read();
    if (!(await store.write(JSON.stringify(edit(served)), generation)))
      throw Object.assign(new Error('somebody else changed which models judge'), { code: 'CONFLICT' });
  }

  const without = (served: ServedSets, id: string): ServedSets => ({
    ...served,
    deployed: served.deployed.filter((one) => one.id !== id),
    traffic: Object.fromEntries(Object.entries(served.traffic).filter(([of]) => of !== id)),
  });

  return {
    // The training job has put the files where they are read.
    async uploadModel(displayName, artifactUri) {
      try {
        await check(versionOf(displayName));
        return operationOf(artifactUri);
      } catch (error) {
        if (error instanceof ArtifactError) return operationOf(`${REFUSED}${error.message}`);
        throw error;
      }
    },
    async deploy(model, displayName, { percent, main }) {
      const id = versionOf(displayName);
      await change((served) => ({
        ...served,
        deployed: [...without(served, id).deployed, { id, model, displayName }],
        traffic: { [main]: 100 - percent, [id]: percent },
      }));
      return operationOf(id);
    },
    setTraffic: (traffic) =>
      change((served) => {
        const unknown = Object.keys(traffic).find(
          (id) => traffic[id]! > 0 && !served.deployed.some((one) => one.id === id),
        );
        if (unknown !== undefined) throw new Error(`the set ${unknown} is not deployed`);
        return { ...served, traffic };
      }),
    undeploy: (id) =>
      change((served) => {
        if ((served.traffic[id] ?? 0) > 0) throw new Error(`the set ${id} still has traffic`);
        // It lies beside the code: there is nothing to take away.
        return id === SHIPPED ? served : without(served, id);
      }),
    async endpoint() {
      const { deployed, traffic } = (await read()).served;
      return { deployed, traffic };
    },
    operation: async (name) => operationOf(name),
  };
}
