/**
 * The paths of the JSON API in the forms that clients use: `/storage/v1/b/…` (apiEndpoint, gcloud), `/b/…`
 * (STORAGE_EMULATOR_HOST), `/download/…` and `/upload/…` before either.
 */
import { ApiError, type Call, type Route } from '../http.ts';

const MAX_PAGE = 1000;

/** A route of the JSON API: `:bucket`, `:object` and the like stand for one part of the path each. */
export function route(method: string, path: string, handle: (call: Call) => unknown, before = ''): Route {
  const pattern = path.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)');
  return { method, path: new RegExp(`^${before}(?:/storage/v1)?${pattern}$`), handle };
}

/** Where the client reached us, for links that it will follow. */
export function originOf({ request }: Call): string {
  return `http://${request.headers.host ?? `127.0.0.1:${request.socket.localPort}`}`;
}

export function pageSizeOf(query: URLSearchParams): number {
  const text = query.get('maxResults');
  if (text === null) return MAX_PAGE;
  if (/^\d+$/.test(text) && Number(text) > 0) return Math.min(MAX_PAGE, Number(text));
  throw new ApiError(400, `Invalid value for maxResults: '${text}'`, { reason: 'invalidParameter' });
}

/** The generation that a request names, if it does. */
export function generationOf(query: URLSearchParams, name = 'generation'): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw new ApiError(400, `Invalid value for ${name}: '${text}'`, { reason: 'invalidParameter' });
}
