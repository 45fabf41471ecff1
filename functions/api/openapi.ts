/**
 * The OpenAPI 3.1 document, made from the routes and their schemas (JSON Schema 2020-12, which OpenAPI 3.1 is). What it
 * says is what the app checks: both read the same schemas.
 * Source: https://spec.openapis.org/oas/v3.1.1
 */
import { z } from 'zod';
import { BASE, type OpenRoute } from './app.ts';
import type { Route } from './route.ts';
import { health } from './schema/principal.ts';
import { problem } from './schema/problem.ts';

type Json = Readonly<Record<string, unknown>>;

export interface Documented {
  /** Before the paths. */
  readonly base: string;
  readonly routes: readonly Route[];
}

const VERSION = '1.0.0';

export function openApi(parts: readonly Documented[]): Json {
  const schemas: Record<string, Json> = { Problem: answerSchema(problem), Health: answerSchema(health) };
  const paths: Record<string, Record<string, Json>> = {
    [`${BASE}/health`]: { get: HEALTH },
  };
  for (const { base, routes } of parts)
    for (const route of routes) {
      const { answer } = route;
      if (answer !== null && 'schema' in answer) schemas[answer.name] ??= answerSchema(answer.schema);
      const path = `${base}${route.path}`;
      paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, base) };
    }
  return {
    openapi: '3.1.1',
    info: { title: 'Logweir', version: VERSION, description: DESCRIPTION },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    paths,
    components: {
      schemas,
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}

const DESCRIPTION =
  'Logs, windows, predictions and alerts. Names are those of the columns in SQL; times are ISO 8601 in UTC. An array parameter is given several times.';

const HEALTH: Json = {
  operationId: 'getHealth',
  tags: ['me'],
  summary: 'Whether the parts that the API asks answer',
  security: [],
  responses: {
    200: { description: 'all of them', content: jsonContent('Health') },
    503: { description: 'not all of them', content: jsonContent('Health') },
  },
};

function operationOf(route: Route, base: string): Json {
  const { method, path, tag, summary, role, wide, params, query, body, answer } = route;
  const words = `${method.toLowerCase()}/${base === '' ? 'old/' : ''}${path}`
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean);
  return {
    operationId: words.map((word, i) => (i === 0 ? word : word[0]!.toUpperCase() + word.slice(1))).join(''),
    tags: [tag],
    summary,
    description: `Needs the role ${role}${wide ? ', of no single tenant' : ''}.`,
    parameters: [...parametersOf(params, 'path'), ...parametersOf(query, 'query')],
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: inputSchema(body) } } } }),
    responses: { ...answerOf(answer), ...PROBLEMS },
  };
}

function answerOf(answer: Route['answer']): Json {
  if (answer === null) return { 204: { description: 'done' } };
  if ('schema' in answer) return { 200: { description: answer.name, content: jsonContent(answer.name) } };
  const types = answer.type.split(/, (?=[a-z]+\/)/);
  return {
    200: {
      description: answer.description,
      content: Object.fromEntries(types.map((type) => [type, { schema: { type: 'string' } }])),
    },
  };
}

function jsonContent(name: string): Json {
  return { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } };
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'something is wrong with the question',
  401: 'a good token is needed',
  403: 'not with this role, or not for one tenant',
  404: 'there is no such thing',
  409: 'not as things stand',
  413: 'too large',
  422: 'refused',
  429: 'too many requests',
  503: 'a part does not answer; try again',
};

const PROBLEMS = Object.fromEntries(
  Object.entries(REASONS).map(([status, description]) => [
    status,
    { description, content: jsonContent('Problem') },
  ]),
);

function parametersOf(schema: z.ZodType | undefined, place: 'path' | 'query'): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = inputSchema(schema) as {
    readonly properties?: Readonly<Record<string, Json>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, ...shape }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    ...(shape.type === 'array' ? { style: 'form', explode: true } : {}),
    schema: shape,
  }));
}

const without = ({ $schema: _, ...rest }: Json): Json => rest;
const inputSchema = (schema: z.ZodType): Json =>
  without(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Json);
const answerSchema = (schema: z.ZodType): Json =>
  without(z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }) as Json);

/** The document, made once, for anybody: it tells nothing of the data. */
export function openApiRoute(parts: readonly Documented[]): OpenRoute {
  let text: string | null = null;
  return {
    method: 'GET',
    path: '/openapi.json',
    async handle() {
      text ??= JSON.stringify(openApi(parts));
      return new Response(text, {
        headers: { 'content-type': 'application/json', 'cache-control': 'public, max-age=300' },
      });
    },
  };
}
