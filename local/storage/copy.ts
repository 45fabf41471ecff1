/**
 * Objects made of other objects: rewrite and copy (of one), compose (of up to 32). The bytes are read through and
 * hashed anew.
 * Source: https://cloud.google.com/storage/docs/json_api/v1/objects/rewrite and …/objects/compose
 */
import { createReadStream } from 'node:fs';
import { ApiError } from '../http.ts';
import { type Conditions, checkConditions } from './precondition.ts';
import {
  defaultStorageClass,
  isStorageClass,
  type ObjectRecord,
  objectSettings,
  type Settings,
} from './resource.ts';
import type { ObjectStore } from './store.ts';

export interface Target {
  readonly bucket: string;
  readonly name: string;
  readonly conditions: Conditions;
}

const MAX_SOURCES = 32;

/** Copies an object; the settings given replace the source's. */
export async function copyObject(
  store: ObjectStore,
  source: ObjectRecord,
  target: Target,
  json: Settings,
): Promise<ObjectRecord> {
  const given = objectSettings(json);
  const { contentType } = source.settings;
  const kept =
    Object.keys(given).length === 0 ? source.settings : { ...(contentType ? { contentType } : {}), ...given };
  return join(store, [source], {
    ...target,
    settings: kept,
    storageClass: classOf(store, target.bucket, json),
  });
}

/** Joins objects of the target's bucket in the order given. */
export async function composeObject(
  store: ObjectStore,
  target: Target,
  json: Settings,
): Promise<ObjectRecord> {
  const listed = Array.isArray(json.sourceObjects) ? (json.sourceObjects as Settings[]) : [];
  if (listed.length === 0 || listed.length > MAX_SOURCES) {
    throw new ApiError(
      400,
      `The number of source components must be between 1 and ${MAX_SOURCES}: ${listed.length}`,
      {
        reason: 'invalid',
      },
    );
  }
  const sources = listed.map((each) => sourceOf(store, target.bucket, each));
  const destination = (json.destination ?? {}) as Settings;
  const componentCount = sources.reduce((count, source) => count + (source.componentCount ?? 1), 0);
  return join(store, sources, {
    ...target,
    settings: objectSettings(destination),
    storageClass: classOf(store, target.bucket, destination),
    componentCount,
  });
}

function sourceOf(store: ObjectStore, bucket: string, listed: Settings): ObjectRecord {
  const { generation, objectPreconditions } = listed as {
    generation?: string;
    objectPreconditions?: { ifGenerationMatch?: string };
  };
  const source = store.object(bucket, String(listed.name), generation ? Number(generation) : undefined);
  const match = objectPreconditions?.ifGenerationMatch;
  if (match !== undefined) checkConditions({ generationMatch: Number(match) }, source);
  return source;
}

async function join(
  store: ObjectStore,
  sources: readonly ObjectRecord[],
  wanted: Parameters<ObjectStore['commit']>[0],
): Promise<ObjectRecord> {
  // Opened together and at once: what is replaced meanwhile is read as it was.
  const streams = sources.map((source) => createReadStream('', { fd: store.open(source) }));
  const intake = store.intake();
  try {
    for (const stream of streams) await intake.addAll(stream as AsyncIterable<Buffer>);
    await intake.pause();
    return store.commit(wanted, intake);
  } finally {
    for (const stream of streams) stream.destroy();
    await intake.discard();
  }
}

function classOf(store: ObjectStore, bucket: string, { storageClass }: Settings): string {
  return isStorageClass(storageClass) ? storageClass : defaultStorageClass(store.bucket(bucket));
}
