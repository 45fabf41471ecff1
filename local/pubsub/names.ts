/**
 * Resource names and what Pub/Sub demands of them.
 * Source: https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names
 */
import { invalid } from './failure.ts';

export type ResourceKind = 'topics' | 'subscriptions';

/** The topic that a subscription names once its own is deleted. */
export const DELETED_TOPIC = '_deleted-topic_';

const PROJECT = /^projects\/([^/]+)$/;
const RESOURCE = /^projects\/([^/]+)\/(topics|subscriptions)\/([^/]+)$/;
const ID = /^[A-Za-z][A-Za-z0-9\-._~+%]{2,254}$/;

/** Checks a full name of this kind; `field` is what the refusal calls it. Returns the name. */
export function checkName(kind: ResourceKind, name: string, field = 'name'): string {
  const found = RESOURCE.exec(name);
  const id = found?.[3] ?? '';
  if (found?.[2] !== kind || !ID.test(id) || id.toLowerCase().startsWith('goog')) {
    throw invalid(
      `Invalid resource name given (${field}=${name}). Refer to https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names for more information.`,
    );
  }
  return name;
}

/** Checks `projects/P` and returns it. */
export function checkProject(name: string): string {
  if (!PROJECT.test(name)) throw invalid(`Invalid project name given (project=${name}).`);
  return name;
}

/** Project and id of a full name that was checked. */
export function partsOf(name: string): { readonly project: string; readonly id: string } {
  const parts = name.split('/');
  return { project: parts[1] ?? '', id: parts[3] ?? '' };
}
