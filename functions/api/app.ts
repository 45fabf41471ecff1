/**
 * The API as a Hono app: request → gate → rate → role and tenant → schemas → handler → JSON, and one audit line. Whatever
 * goes wrong is answered as a problem; a bug or a client that failed is told in the log alone.
 */
import { randomUUID } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { errorFields, log } from '../log.ts';
import { ERROR } from '../parse/severity.ts';
import { audit } from './audit.ts';
import type { Gate } from './auth/gate.ts';
import { atLeast, type Principal } from './auth/principal.ts';
import { Fault } from './fault.ts';
import { allowOrigin, secure } from './headers.ts';
import { checked, readBody, readQuery } from './input.ts';
import type { RateLimit } from './rate-limit.ts';
import type { Route } from './route.ts';
import type { Problem } from './schema/problem.ts';

export const BASE = '/api/v1';

/** A path without the gate: the page, health, what Slack calls. */
export interface OpenRoute {
  readonly method: 'GET' | 'POST';
  /** Of Hono. */
  readonly path: string;
  handle(request: Request, nowMs: number): Promise<Response>;
}

export interface AppOptions {
  readonly routes: readonly Route[];
  /** Guarded as well, at other paths. */
  readonly oldRoutes?: readonly Route[];
  readonly openRoutes: readonly OpenRoute[];
  readonly gate: Gate;
  readonly limit: RateLimit;
  readonly origins: readonly string[];
  readonly clock: () => number;
}

/** What is known of a request on its way; the audit line is made of it. */
interface Passage {
  readonly requestId: string;
  route: string;
  principal: Principal | null;
  fault: string | null;
}

export function createApp(options: AppOptions): Hono {
  const app = new Hono();
  const passing = passed(options);
  for (const one of options.openRoutes)
    app.on(one.method, one.path, (c) => passing(c, one.path, () => one.handle(c.req.raw, options.clock())));
  for (const [base, routes] of [
    [BASE, options.routes],
    ['', options.oldRoutes ?? []],
  ] as const)
    for (const one of routes)
      app.on(one.method, `${base}${one.path.replaceAll(/\{(\w+)\}/g, ':$1')}`, (c) =>
        passing(c, one.path, (passage) => answerOf(c, one, passage, options)),
      );
  app.options('/*', (c) => passing(c, 'preflight', async () => new Response(null, { status: 204 })));
  app.all('/*', (c) =>
    passing(c, 'unknown', async () => {
      throw new Fault('not_found', `there is no ${c.req.method} ${c.req.path.slice(0, 200)}`);
    }),
  );
  return app;
}

/** Runs what answers; adds headers, turns what was thrown into a problem, and writes the audit line. */
function passed({ origins, clock }: AppOptions) {
  return async (
    c: Context,
    route: string,
    work: (passage: Passage) => Promise<Response>,
  ): Promise<Response> => {
    const startedMs = clock();
    const passage: Passage = { requestId: randomUUID(), route, principal: null, fault: null };
    const answer = await work(passage).catch((error: unknown) => problemOf(error, passage));
    const response = new Response(answer.body, answer);
    response.headers.set('x-request-id', passage.requestId);
    secure(response.headers);
    allowOrigin(response.headers, c.req.header('origin') ?? null, origins);
    const { requestId, principal, fault } = passage;
    // Files of the page and preflights are nobody's question.
    if (principal !== null || fault !== null || c.req.method === 'POST')
      audit({
        ...{ requestId, route, principal, fault, method: c.req.method, url: new URL(c.req.url) },
        ...{ status: response.status, ms: clock() - startedMs },
      });
    return response;
  };
}

async function answerOf(c: Context, route: Route, passage: Passage, options: AppOptions): Promise<Response> {
  const nowMs = options.clock();
  const principal = await options.gate(c.req.raw.headers);
  passage.principal = principal;
  options.limit(`${principal.by} ${principal.name}`, nowMs);
  if (!atLeast(principal.role, route.role))
    throw new Fault('forbidden', `the role ${route.role} is needed; yours is ${principal.role}`);
  if (route.wide === true && principal.tenant !== null)
    throw new Fault('forbidden', 'it tells of all tenants, and you see one');
  const { params, query, body } = route;
  const asked = {
    principal,
    params: params === undefined ? undefined : checked(params, pathParams(c, route.path), 'path'),
    query: query === undefined ? undefined : readQuery(query, new URL(c.req.url).searchParams),
    body: body === undefined ? undefined : await readBody(body, c.req.raw),
    headers: c.req.raw.headers,
    signal: c.req.raw.signal,
    nowMs,
  };
  const answer = await route.handle(asked);
  if (answer instanceof Response) return answer;
  if (route.answer === null) return new Response(null, { status: 204 });
  return Response.json(answer);
}

/** Hono leaves a parameter that is not UTF-8 as it is. */
const pathParams = (c: Context, path: string): Record<string, string> =>
  Object.fromEntries([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name!, c.req.param(name!) ?? '']));

function problemOf(error: unknown, passage: Passage): Response {
  const fault =
    error instanceof Fault ? error : new Fault('internal', 'something went wrong here; it is in the log');
  passage.fault = fault.code;
  if (fault !== error)
    log(ERROR, 'api', 'failed', {
      request_id: passage.requestId,
      route: passage.route,
      ...errorFields(error),
    });
  const { code, message, problems, status, headers } = fault;
  const body: Problem = {
    error: {
      ...{ code, message, request_id: passage.requestId },
      ...(problems.length > 1 ? { problems: [...problems] } : {}),
    },
  };
  return Response.json(body, { status, headers: { ...headers } });
}
