/**
 * Buckets over the JSON API. Lifecycle, retention policy and versioning are kept; lifecycle alone has an effect.
 * Source: https://cloud.google.com/storage/docs/json_api/v1/buckets
 */
import { type Call, parseJsonObject, type Route, readBody } from '../http.ts';
import { compareText } from '../text-order.ts';
import { originOf, pageSizeOf, route } from './paths.ts';
import { conditionsOf } from './precondition.ts';
import { bucketSettings, formatBucket, mergePatch } from './resource.ts';
import type { ObjectStore } from './store.ts';

const BODY_LIMIT_BYTES = 1 << 20;

export function bucketRoutes(store: ObjectStore): Route[] {
  return [
    route('GET', '/b', (call) => listBuckets(store, call)),
    route('POST', '/b', async (call) => {
      const json = await jsonOf(call);
      return formatBucket(store.createBucket(json.name, bucketSettings(json)), originOf(call));
    }),
    route('GET', '/b/:bucket', (call) => formatBucket(store.bucket(call.params.bucket!), originOf(call))),
    route('PATCH', '/b/:bucket', (call) => updateBucket(store, call, mergePatch)),
    route('PUT', '/b/:bucket', (call) => updateBucket(store, call, (_, json) => json)),
    route('DELETE', '/b/:bucket', (call) => {
      store.deleteBucket(call.params.bucket!, conditionsOf(call.url.searchParams));
      call.response.writeHead(204).end();
    }),
    // gcloud asks this before it lists or removes.
    route('GET', '/b/:bucket/storageLayout', (call) => {
      const { name } = store.bucket(call.params.bucket!);
      return { kind: 'storage#storageLayout', bucket: name, location: 'US', locationType: 'multi-region' };
    }),
  ];
}

function listBuckets(store: ObjectStore, call: Call): unknown {
  const { searchParams } = call.url;
  const prefix = searchParams.get('prefix') ?? '';
  const after = searchParams.get('pageToken') ?? '';
  const size = pageSizeOf(searchParams);
  const found = store
    .buckets()
    .filter(({ name }) => name.startsWith(prefix) && name > after)
    .sort((a, b) => compareText(a.name, b.name));
  const page = found.slice(0, size);
  return {
    kind: 'storage#buckets',
    items: page.map((each) => formatBucket(each, originOf(call))),
    ...(found.length > size ? { nextPageToken: page.at(-1)!.name } : {}),
  };
}

async function updateBucket(store: ObjectStore, call: Call, change: typeof mergePatch): Promise<unknown> {
  const patch = bucketSettings(await jsonOf(call));
  const conditions = conditionsOf(call.url.searchParams);
  const record = store.updateBucket(call.params.bucket!, conditions, (settings) => change(settings, patch));
  return formatBucket(record, originOf(call));
}

async function jsonOf(call: Call): Promise<Record<string, unknown>> {
  return parseJsonObject(await readBody(call.request, BODY_LIMIT_BYTES));
}
