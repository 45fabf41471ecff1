/**
 * Load jobs that bring their file: in one request (multipart), or begun by one and filled by others (resumable).
 * Guarantee: the job starts when the file is whole. Under pressure: bytes go to a file of the scratch folder as they
 * come; an upload that is not finished is forgotten at the next start.
 * Source: https://cloud.google.com/bigquery/docs/reference/api-uploads
 */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ApiError, type Call, parseJsonObject, type Route, sendJson } from '../../http.ts';
import { readMultipart } from '../../storage/multipart.ts';
import { parseContentRange } from '../../storage/upload-sessions.ts';
import type { Warehouse } from '../engine/warehouse.ts';
import { invalid } from '../failure.ts';
import { jobResource } from '../jobs/job.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { insertJob } from './queries.ts';
import { checkProject, jsonBody } from './request.ts';

interface Session {
  readonly body: Record<string, unknown>;
  readonly path: string;
  received: number;
}

interface Uploads {
  readonly warehouse: Warehouse;
  readonly jobs: Jobs;
  readonly sessions: Map<string, Session>;
}

const PATH = /^(?:\/resumable)?\/upload(?:\/bigquery\/v2)?\/projects\/(?<projectId>[^/]+)\/jobs\/?$/;

export function uploadRoutes(warehouse: Warehouse, jobs: Jobs): Route[] {
  const uploads: Uploads = { warehouse, jobs, sessions: new Map() };
  const checked =
    (handle: (call: Call) => Promise<unknown>) =>
    (call: Call): Promise<unknown> => {
      checkProject(warehouse, call);
      return handle(call);
    };
  return [
    { method: 'POST', path: PATH, handle: checked((call) => begin(uploads, call)) },
    { method: 'PUT', path: PATH, handle: checked((call) => resume(uploads, call)) },
  ];
}

async function begin(uploads: Uploads, call: Call): Promise<unknown> {
  const type = call.url.searchParams.get('uploadType');
  if (call.url.searchParams.has('upload_id')) return resume(uploads, call);
  if (type === 'multipart') {
    const { metadata, data } = await readMultipart(call.request, call.request.headers['content-type']);
    const path = newPath(uploads);
    await pipeline(Readable.from(data), createWriteStream(path));
    return start(uploads, parseJsonObject(metadata), path);
  }
  if (type === 'resumable') return beginSession(uploads, call);
  throw invalid(
    `Invalid value for uploadType: "${type ?? ''}": multipart or resumable is expected.`,
    'uploadType',
  );
}

async function beginSession(uploads: Uploads, call: Call): Promise<undefined> {
  const id = randomUUID();
  uploads.sessions.set(id, { body: await jsonBody(call), path: newPath(uploads), received: 0 });
  const query = new URLSearchParams(call.url.searchParams);
  query.set('upload_id', id);
  const location = `http://${call.request.headers.host}${call.url.pathname}?${query}`;
  call.response.writeHead(200, { location, 'x-guploader-uploadid': id, 'content-length': 0 }).end();
}

async function resume(uploads: Uploads, call: Call): Promise<undefined> {
  const id = call.url.searchParams.get('upload_id') ?? '';
  const session = uploads.sessions.get(id);
  if (!session) throw new ApiError(404, 'No such upload.', { reason: 'notFound', status: 'NOT_FOUND' });
  const range = call.request.headers['content-range'];
  const { isQuestion, first = 0, total } = parseContentRange(range);
  if (!isQuestion) await take(session, first, call);
  const { received } = session;
  // Without a range the body is all there is.
  if (range !== undefined && (total === undefined || received < total)) {
    const headers = received === 0 ? {} : { range: `bytes=0-${received - 1}` };
    call.response.writeHead(308, { ...headers, 'content-length': 0 }).end();
    return;
  }
  uploads.sessions.delete(id);
  sendJson(call.response, 200, await start(uploads, session.body, session.path));
}

/** Adds the chunk to the file; what is already there is left out. */
async function take(session: Session, first: number, { request }: Call): Promise<void> {
  if (first > session.received) {
    request.resume();
    return;
  }
  let skip = session.received - first;
  const fresh = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      const rest = chunk.subarray(Math.min(skip, chunk.length));
      skip -= chunk.length - rest.length;
      yield rest;
    }
  };
  try {
    await pipeline(Readable.from(fresh()), createWriteStream(session.path, { flags: 'a' }));
  } finally {
    session.received = (await stat(session.path).catch(() => ({ size: 0 }))).size;
  }
}

async function start(uploads: Uploads, body: Record<string, unknown>, upload: string): Promise<unknown> {
  try {
    return jobResource(await insertJob(uploads, body, upload));
  } catch (error) {
    await rm(upload, { force: true });
    throw error;
  }
}

const newPath = ({ warehouse }: Uploads): string =>
  join(warehouse.database.scratchDir, `${randomUUID()}.upload`);
