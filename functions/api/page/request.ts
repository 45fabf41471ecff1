/** One question to the API: the token, the query, and its failure as an `ApiError` that can be shown. */
import type { Problem } from '../schema/problem.ts';
import { token, tokenAsked } from './token.ts';

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;
  readonly requestId: string | null;
  /** When to ask again, if the API said so. */
  readonly retryAfterMs: number | null;
  constructor(message: string, status: number, problem: Problem | null, retryAfterMs: number | null) {
    super(message);
    this.status = status;
    this.code = problem?.error.code ?? (status === 0 ? 'unreachable' : 'internal');
    this.requestId = problem?.error.request_id ?? null;
    this.retryAfterMs = retryAfterMs;
  }
}

type Value = string | number | boolean;
export type Query = Readonly<Record<string, Value | readonly Value[] | undefined>>;

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly query?: Query | undefined;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** `?service=a&service=b`: an array is a parameter given several times. */
export function queryString(query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) params.append(name, String(one));
  }
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

/** Asks; rejects with ApiError, or with AbortError where `signal` said so. */
export async function ask(path: string, options: RequestOptions = {}): Promise<Response> {
  const { method = 'GET', query, body, signal, headers } = options;
  const asked = token.value;
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}${queryString(query)}`, {
      method,
      signal: signal ?? null,
      headers: {
        ...(asked === null ? {} : { authorization: `Bearer ${asked}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError('The API cannot be reached.', 0, null, null);
  }
  if (!response.ok) throw await failureOf(response, asked);
  return response;
}

export async function askJson<T>(path: string, options?: RequestOptions): Promise<T> {
  const response = await ask(path, options);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

async function failureOf(response: Response, asked: string | null): Promise<ApiError> {
  const problem = (await response.json().catch(() => null)) as Problem | null;
  const known = typeof problem?.error?.message === 'string' ? problem : null;
  const details = known?.error.problems?.map(({ at, message }) => `${at}: ${message}`).join('; ');
  const message = known?.error.message ?? `The API answered ${response.status}.`;
  // An answer to an older token than the present one says nothing of the present one.
  if (response.status === 401 && token.value === asked) {
    tokenAsked.value = asked === null ? 'A token is needed to see the logs.' : message;
  }
  const after = Number(response.headers.get('retry-after') ?? Number.NaN);
  const text = details && !message.includes(details) ? `${message} ${details}` : message;
  return new ApiError(text, response.status, known, Number.isFinite(after) ? after * 1000 : null);
}
