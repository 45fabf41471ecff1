/**
 * What Vertex AI declares of its REST API, from the protos that its client is made of: which method and path call what,
 * and which fields, types, enums and required fields a body has. A server refuses what is none of it; a stand-in of ours
 * would take it. Source: google/api/http.proto, https://protobuf.dev/programming-guides/json
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import protobuf from 'protobufjs';

export interface VertexRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body?: unknown;
}

interface Rule {
  readonly verb: string;
  readonly path: RegExp;
  /** Fields that the path gives, such as `endpoint` or `endpoint.name`. */
  readonly bound: readonly string[];
  readonly body: string | undefined;
  readonly request: protobuf.Type;
}

const SERVICES = ['JobService', 'ModelService', 'EndpointService', 'PredictionService'];
const BEHAVIOUR = '(google.api.field_behavior)';

let known: { readonly root: protobuf.Root; readonly rules: readonly Rule[] } | undefined;

function declared(): NonNullable<typeof known> {
  if (known !== undefined) return known;
  const file = createRequire(import.meta.url).resolve('@google-cloud/aiplatform/build/protos/protos.json');
  const root = protobuf.Root.fromJSON(JSON.parse(readFileSync(file, 'utf8')));
  const rules = SERVICES.flatMap((name) => {
    const service = root.lookupService(`google.cloud.aiplatform.v1.${name}`);
    return service.methodsArray.flatMap((method) => rulesOf(service, method));
  });
  known = { root, rules };
  return known;
}

function rulesOf(service: protobuf.Service, method: protobuf.Method): Rule[] {
  const http = (method.parsedOptions as readonly Record<string, unknown>[] | undefined)?.find(
    (option) => option['(google.api.http)'] !== undefined,
  )?.['(google.api.http)'] as Record<string, string> | undefined;
  if (http === undefined) return [];
  const verb = ['get', 'post', 'patch', 'delete', 'put'].find((one) => http[one] !== undefined)!;
  const template = http[verb]!;
  const bound = [...template.matchAll(/\{([\w.]+)=?/g)].map(([, field]) => camel(field!));
  const path = template
    .replace(/\{[\w.]+=([^}]+)\}/g, '$1')
    .replace(/[.+?^$()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, (stars) => (stars === '**' ? '.+' : '[^/:?]+'));
  const { body } = http;
  return [
    {
      ...{ verb: verb.toUpperCase(), path: new RegExp(`^${path}$`), bound },
      body: body === undefined || body === '*' ? body : camel(body),
      request: service.lookupType(method.requestType),
    },
  ];
}

const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/** What Vertex AI would refuse of a request; none: nothing that its declarations show. */
export function refusalsOf({ method, path, body }: VertexRequest): string[] {
  const url = new URL(path, 'http://any');
  const rule = declared().rules.find((one) => one.verb === method && one.path.test(url.pathname));
  if (rule === undefined) return [`nothing takes ${method} ${url.pathname}`];
  const query = [...url.searchParams].flatMap(([key, value]) => queryProblems(rule, key, value));
  if (rule.body === undefined) return [...query, ...(body === undefined ? [] : ['it takes no body'])];
  const type = (rule.body === '*' ? rule.request : typeOf(rule.request.fields[rule.body]!)) as protobuf.Type;
  // Of a change by a mask only what the mask names is looked at.
  const given = url.searchParams.has('updateMask') ? Object.keys(type.fields) : rule.bound;
  return [...query, ...messageProblems(body, type, type.name, given)];
}

function queryProblems({ request, body }: Rule, key: string, value: string): string[] {
  const field = request.fields[camel(key)];
  if (field === undefined) return [`${request.name}: no field ${key}`];
  if (field.type !== 'google.protobuf.FieldMask' || body === undefined) return [];
  const masked = typeOf(request.fields[body]!) as protobuf.Type;
  return value
    .split(',')
    .filter((name) => masked.fields[camel(name.split('.')[0]!)] === undefined)
    .map((name) => `${key}: ${masked.name} has no ${name}`);
}

const typeOf = (field: protobuf.Field): protobuf.ReflectionObject => field.resolve().resolvedType!;

function messageProblems(
  value: unknown,
  type: protobuf.Type,
  at: string,
  bound: readonly string[] = [],
): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${at}: no object`];
  const given = Object.entries(value).filter(([, one]) => one !== undefined);
  const behaves = (field: protobuf.Field, how: string): boolean =>
    [field.options?.[BEHAVIOUR]].flat().includes(how);
  return [
    ...type.fieldsArray
      .filter((field) => behaves(field, 'REQUIRED') && !bound.includes(field.name))
      .filter(({ name }) => !given.some(([key]) => key === name))
      .map(({ name }) => `${at}: ${name} is required`),
    ...given.flatMap(([key, one]) => {
      const field = type.fields[key];
      if (field === undefined) return [`${at}: no field ${key}`];
      if (behaves(field, 'OUTPUT_ONLY')) return [`${at}: ${key} is Google's to say`];
      return fieldProblems(one, field, `${at}.${key}`);
    }),
  ];
}

function fieldProblems(value: unknown, field: protobuf.Field, at: string): string[] {
  if (field.map) {
    if (typeof value !== 'object' || value === null) return [`${at}: no object`];
    return Object.entries(value).flatMap(([key, one]) => valueProblems(one, field, `${at}.${key}`));
  }
  if (!field.repeated) return valueProblems(value, field, at);
  if (!Array.isArray(value)) return [`${at}: no list`];
  return value.flatMap((one, i) => valueProblems(one, field, `${at}[${i}]`));
}

const isWhole = (value: unknown): boolean => Number.isInteger(value) || /^-?\d+$/.test(String(value));
/** How JSON writes what is no message of its own. */
const WRITTEN: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  bytes: (value) => typeof value === 'string',
  bool: (value) => typeof value === 'boolean',
  int32: (value) => Number.isInteger(value),
  int64: isWhole,
  double: (value) => typeof value === 'number',
  float: (value) => typeof value === 'number',
  'google.protobuf.Duration': (value) => /^\d+(\.\d{1,9})?s$/.test(String(value)),
  'google.protobuf.Timestamp': (value) => !Number.isNaN(Date.parse(String(value))),
  'google.protobuf.Value': () => true,
};

function valueProblems(value: unknown, field: protobuf.Field, at: string): string[] {
  const written = WRITTEN[field.type];
  if (written !== undefined)
    return written(value) ? [] : [`${at}: ${JSON.stringify(value)} should be ${field.type}`];
  const type = typeOf(field);
  if (type instanceof protobuf.Type) return messageProblems(value, type, at);
  if (!(type instanceof protobuf.Enum)) return [`${at}: ${field.type} is not known here`];
  const names = Object.keys(type.values);
  return names.includes(String(value)) ? [] : [`${at}: "${String(value)}"; allowed: ${names.join(', ')}`];
}
