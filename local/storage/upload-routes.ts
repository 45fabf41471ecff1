/**
 * Uploads over the JSON API: media (the bytes alone), multipart (what is known of the object, then the bytes),
 * resumable (see upload-sessions.ts).
 * Guarantee: the object is there, whole, when the answer comes; a broken upload leaves what was there before.
 * Source: https://cloud.google.com/storage/docs/uploads-downloads
 */
import { ApiError, type Call, parseJsonObject, type Route, readBody, sendJson } from '../http.ts';
import { checkHashes, type Hashes, parseHashHeader } from './intake.ts';
import { readMultipart } from './multipart.ts';
import { checkObjectName } from './names.ts';
import { originOf, route } from './paths.ts';
import { conditionsOf } from './precondition.ts';
import {
  defaultStorageClass,
  formatObject,
  isStorageClass,
  objectSettings,
  type Settings,
} from './resource.ts';
import type { ObjectStore } from './store.ts';
import {
  type ChunkRange,
  type Progress,
  parseContentRange,
  type Upload,
  type UploadSessions,
} from './upload-sessions.ts';

const METADATA_LIMIT_BYTES = 1 << 20;
const UPLOAD = '(?:/resumable)?/upload';

export function uploadRoutes(store: ObjectStore, sessions: UploadSessions): Route[] {
  const path = '/b/:bucket/o';
  return [
    route('POST', path, (call) => begin(store, sessions, call), UPLOAD),
    route('PUT', path, (call) => resume(sessions, call), UPLOAD),
    route(
      'DELETE',
      path,
      async (call) => {
        await sessions.cancel(sessionOf(call));
        call.response.writeHead(499).end();
      },
      UPLOAD,
    ),
  ];
}

async function begin(store: ObjectStore, sessions: UploadSessions, call: Call): Promise<unknown> {
  // 404 before the bytes are read.
  store.bucket(call.params.bucket!);
  const type = call.url.searchParams.get('uploadType');
  if (call.url.searchParams.has('upload_id')) return resume(sessions, call);
  if (type === 'media') return upload(store, call, {}, call.request.headers['content-type'], call.request);
  if (type === 'multipart') {
    const { metadata, contentType, data } = await readMultipart(
      call.request,
      call.request.headers['content-type'],
    );
    return upload(store, call, parseJsonObject(metadata), contentType, data);
  }
  if (type === 'resumable') return beginSession(store, sessions, call);
  throw new ApiError(400, `Invalid value for uploadType: '${type}'`, { reason: 'invalidParameter' });
}

async function upload(
  store: ObjectStore,
  call: Call,
  json: Settings,
  contentType: string | undefined,
  data: AsyncIterable<Buffer>,
): Promise<unknown> {
  const { wanted, expected } = uploadOf(store, call, json, contentType);
  const intake = store.intake();
  try {
    await intake.addAll(data);
    await intake.pause();
    checkHashes(expected, intake.hashes);
    return formatObject(store.commit(wanted, intake), originOf(call));
  } finally {
    await intake.discard();
  }
}

async function beginSession(store: ObjectStore, sessions: UploadSessions, call: Call): Promise<undefined> {
  const json = parseJsonObject(await readBody(call.request, METADATA_LIMIT_BYTES));
  const contentType = call.request.headers['x-upload-content-type'];
  const id = sessions.begin(uploadOf(store, call, json, contentType?.toString()));
  const query = new URLSearchParams(call.url.searchParams);
  query.set('upload_id', id);
  call.response
    .writeHead(200, {
      location: `${originOf(call)}${call.url.pathname}?${query}`,
      'x-guploader-uploadid': id,
      'content-length': 0,
    })
    .end();
}

async function resume(sessions: UploadSessions, call: Call): Promise<undefined> {
  const id = sessionOf(call);
  const { isQuestion, ...range } = parseContentRange(call.request.headers['content-range']);
  const progress = isQuestion
    ? await answerQuestion(sessions, id, range, call)
    : await put(sessions, id, range, call);
  if ('object' in progress) {
    sendJson(call.response, 200, formatObject(progress.object, originOf(call)));
    return;
  }
  const headers = progress.received > 0 ? { range: `bytes=0-${progress.received - 1}` } : {};
  call.response.writeHead(308, { ...headers, 'content-length': 0 }).end();
}

/** `bytes *\/200` asks how far the upload is, and ends it when all of the 200 have come. */
async function answerQuestion(
  sessions: UploadSessions,
  id: string,
  range: ChunkRange,
  call: Call,
): Promise<Progress> {
  const progress = await sessions.status(id);
  const isWhole = 'received' in progress && progress.received === range.total;
  return isWhole ? put(sessions, id, { ...range, first: progress.received }, call) : progress;
}

function put(sessions: UploadSessions, id: string, range: ChunkRange, { request }: Call): Promise<Progress> {
  return sessions.put(id, range, request, parseHashHeader(request.headers['x-goog-hash']));
}

function sessionOf({ url }: Call): string {
  const id = url.searchParams.get('upload_id');
  if (id) return id;
  throw new ApiError(400, 'Required parameter: upload_id', { reason: 'required' });
}

/** What the request, the metadata and the headers together say of the object to be. */
function uploadOf(store: ObjectStore, call: Call, json: Settings, contentType: string | undefined): Upload {
  const { url, request } = call;
  const bucket = store.bucket(call.params.bucket!);
  const contentEncoding = url.searchParams.get('contentEncoding');
  const { storageClass, md5Hash, crc32c } = json;
  const sent: Hashes = {
    ...(typeof md5Hash === 'string' ? { md5: md5Hash } : {}),
    ...(typeof crc32c === 'string' ? { crc32c } : {}),
  };
  return {
    expected: { ...sent, ...parseHashHeader(request.headers['x-goog-hash']) },
    wanted: {
      bucket: bucket.name,
      name: checkObjectName(url.searchParams.get('name') ?? json.name),
      storageClass: isStorageClass(storageClass) ? storageClass : defaultStorageClass(bucket),
      conditions: conditionsOf(url.searchParams),
      settings: {
        ...(contentType ? { contentType } : {}),
        ...(contentEncoding ? { contentEncoding } : {}),
        ...objectSettings(json),
      },
    },
  };
}
