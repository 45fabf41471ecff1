/**
 * Objects over the JSON API, all but their upload: get, list, patch, delete, rewrite, copy, compose.
 * Source: https://cloud.google.com/storage/docs/json_api/v1/objects
 */
import { ApiError, type Call, parseJsonObject, type Route, readBody } from '../http.ts';
import { composeObject, copyObject, type Target } from './copy.ts';
import { download } from './download.ts';
import { generationOf, originOf, pageSizeOf, route } from './paths.ts';
import { checkConditions, conditionsOf, isNotModified } from './precondition.ts';
import {
  formatObject,
  mergePatch,
  type ObjectRecord,
  objectPatch,
  objectSettings,
  type Settings,
} from './resource.ts';
import type { ObjectStore } from './store.ts';

const BODY_LIMIT_BYTES = 1 << 20;

export function objectRoutes(store: ObjectStore): Route[] {
  const object = '/b/:bucket/o/:object';
  return [
    route('GET', '/b/:bucket/o', (call) => listObjects(store, call)),
    route('GET', object, (call) => getObject(store, call), '(?<download>/download)?'),
    route('PATCH', object, (call) =>
      updateObject(store, call, (settings, json) => mergePatch(settings, objectPatch(json))),
    ),
    route('PUT', object, (call) => updateObject(store, call, (_, json) => objectSettings(json))),
    route('DELETE', object, (call) => deleteObject(store, call)),
    route('POST', `${object}/rewriteTo/b/:toBucket/o/:toObject`, async (call) => {
      const copied = await copy(store, call);
      return {
        kind: 'storage#rewriteResponse',
        totalBytesRewritten: String(copied.bytes),
        objectSize: String(copied.bytes),
        done: true,
        resource: formatObject(copied, originOf(call)),
      };
    }),
    route('POST', `${object}/copyTo/b/:toBucket/o/:toObject`, async (call) =>
      formatObject(await copy(store, call), originOf(call)),
    ),
    route('POST', `${object}/compose`, async (call) => {
      const { bucket, object: name } = call.params as { bucket: string; object: string };
      const target = { bucket, name, conditions: conditionsOf(call.url.searchParams) };
      return formatObject(await composeObject(store, target, await jsonOf(call)), originOf(call));
    }),
  ];
}

async function getObject(store: ObjectStore, call: Call): Promise<unknown> {
  const { searchParams } = call.url;
  const record = objectOf(store, call);
  const conditions = conditionsOf(searchParams);
  if (isNotModified(conditions, record)) {
    call.response.writeHead(304).end();
    return undefined;
  }
  checkConditions(conditions, record);
  if (searchParams.get('alt') !== 'media' && call.params.download === undefined) {
    return formatObject(record, originOf(call));
  }
  await download(store, record, call);
  return undefined;
}

function listObjects(store: ObjectStore, call: Call): unknown {
  const { searchParams } = call.url;
  if (searchParams.get('matchGlob')) {
    throw new ApiError(501, 'matchGlob is not supported here; use prefix and delimiter.', {
      reason: 'notImplemented',
    });
  }
  const text = (name: string): Record<string, string> => {
    const value = searchParams.get(name);
    return value ? { [name]: value } : {};
  };
  const token = searchParams.get('pageToken');
  const page = store.objects(call.params.bucket!).list({
    ...text('prefix'),
    ...text('delimiter'),
    ...text('startOffset'),
    ...text('endOffset'),
    includeTrailingDelimiter: searchParams.get('includeTrailingDelimiter') === 'true',
    ...(token ? { after: Buffer.from(token, 'base64url').toString() } : {}),
    limit: pageSizeOf(searchParams),
  });
  const origin = originOf(call);
  return {
    kind: 'storage#objects',
    ...(page.last === undefined ? {} : { nextPageToken: Buffer.from(page.last).toString('base64url') }),
    ...(page.prefixes.length > 0 ? { prefixes: page.prefixes } : {}),
    ...(page.items.length > 0 ? { items: page.items.map((each) => formatObject(each, origin)) } : {}),
  };
}

async function updateObject(
  store: ObjectStore,
  call: Call,
  change: (settings: Settings, json: Settings) => Settings,
): Promise<unknown> {
  const json = await jsonOf(call);
  const record = objectOf(store, call);
  checkConditions(conditionsOf(call.url.searchParams), record);
  return formatObject(store.update(record, { settings: change(record.settings, json) }), originOf(call));
}

function deleteObject(store: ObjectStore, call: Call): undefined {
  const record = objectOf(store, call);
  checkConditions(conditionsOf(call.url.searchParams), record);
  store.remove(record);
  call.response.writeHead(204).end();
}

async function copy(store: ObjectStore, call: Call): Promise<ObjectRecord> {
  const { searchParams } = call.url;
  const json = await jsonOf(call);
  const { bucket, object, toBucket, toObject } = call.params as Record<string, string>;
  const source = store.object(bucket!, object!, generationOf(searchParams, 'sourceGeneration'));
  checkConditions(conditionsOf(searchParams, 'Source'), source);
  const target: Target = { bucket: toBucket!, name: toObject!, conditions: conditionsOf(searchParams) };
  return copyObject(store, source, target, json);
}

function objectOf(store: ObjectStore, { url, params }: Call): ObjectRecord {
  return store.object(params.bucket!, params.object!, generationOf(url.searchParams));
}

async function jsonOf(call: Call): Promise<Settings> {
  return parseJsonObject(await readBody(call.request, BODY_LIMIT_BYTES));
}
