/**
 * What comes in, read by a schema: parameters of the path and of the query, and JSON bodies. Text becomes a number or a
 * truth value where the schema wants one, by one strict rule; a parameter that nobody knows, or that is given twice, is
 * refused.
 */
import { z } from 'zod';
import { Fault, invalid } from './fault.ts';

/** As far as reading text needs it. */
interface Shape {
  readonly type?: string;
  readonly items?: Shape;
  readonly properties?: Readonly<Record<string, Shape>>;
}

const MAX_BODY = 1024 * 1024;
const shapes = new WeakMap<z.ZodType, Shape>();

/** JSON Schema of what a schema takes. */
export function shapeOf(schema: z.ZodType): Shape {
  const known = shapes.get(schema);
  if (known !== undefined) return known;
  const made = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shape;
  shapes.set(schema, made);
  return made;
}

/** Checks a value. Throws a Fault that names every place. */
export function checked<T extends z.ZodType>(schema: T, value: unknown, what: string): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.slice(0, 20).map(({ path, message }) => ({
    at: path.map(String).join('.').slice(0, 200),
    message: message.slice(0, 500),
  }));
  const [first] = problems;
  throw invalid(`${what}: ${first?.at === '' ? '' : `${first?.at}: `}${first?.message}`, problems);
}

/** Parameters of a query. */
export function readQuery<T extends z.ZodType>(schema: T, params: URLSearchParams): z.output<T> {
  const { properties = {} } = shapeOf(schema);
  const given: Record<string, unknown> = {};
  for (const name of new Set(params.keys())) {
    const values = params.getAll(name);
    const shape = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (shape?.type === 'array') given[name] = values.map((one) => valueIn(one, shape.items ?? {}));
    else if (values.length > 1) throw invalid(`query: ${name.slice(0, 100)} is given ${values.length} times`);
    else given[name] = valueIn(values[0]!, shape ?? {});
  }
  return checked(schema, given, 'query');
}

/** A number or a truth value where one is wanted and the text is one; else the text, which the schema refuses. */
function valueIn(text: string, { type }: Shape): unknown {
  if (type === 'integer' || type === 'number')
    return /^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : text;
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  return text;
}

/** A JSON body of at most 1 MiB. */
export async function readBody<T extends z.ZodType>(schema: T, request: Request): Promise<z.output<T>> {
  const declared = Number(request.headers.get('content-length') ?? 0);
  if (declared > MAX_BODY) throw tooLarge();
  const text = await request.text();
  if (text.length > MAX_BODY) throw tooLarge();
  const type = (request.headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase();
  if (text !== '' && type !== 'application/json')
    throw invalid('body: allowed: application/json, as content-type says');
  let value: unknown;
  try {
    value = text === '' ? undefined : JSON.parse(text);
  } catch {
    throw invalid('body: not JSON');
  }
  return checked(schema, value, 'body');
}

const tooLarge = (): Fault => new Fault('too_large', `body: more than ${MAX_BODY} bytes`);
