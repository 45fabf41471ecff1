/**
 * An object of a record → fields and labels, by the names loggers use (fields.ts). Objects inside are labels whole;
 * the well-known fields inside them are read too.
 */
import type { Failure } from '../../ingest/failure.ts';
import { addValue, type Draft } from '../draft.ts';
import { FIELD_OF, type Field, NESTED_FIELDS } from '../fields.ts';
import { take } from '../take.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The object that a text is, or null. A byte order mark before it is none of it; numbers keep all their digits. */
export function parseObject(text: string): JsonObject | null {
  try {
    const source = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
    const value: unknown = JSON.parse(source);
    if (!isObject(value)) return null;
    return hasInexact(value) ? (JSON.parse(source.replaceAll(TOKEN, exact)) as JsonObject) : value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return null;
  }
}

/** Levels looked at for numbers; deeper records are refused by any sensible limit. */
const MAX_LOOK = 1000;

/** Whether a number in `object` is so large that a double may not hold all its digits. */
export function hasInexact(object: object, left = MAX_LOOK): boolean {
  for (const name in object) {
    const value = (object as JsonObject)[name];
    if (typeof value === 'number') {
      if (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER) return true;
    } else if (typeof value === 'object' && value !== null && left > 0 && hasInexact(value, left - 1))
      return true;
  }
  return false;
}

// A string is read as one token, closed or not, so that the digits inside are its own and each is read once.
const TOKEN = /"(?:[^"\\]+|\\.)*"?|(?<![\d.eE+-])-?[1-9]\d{15,}(?![\d.eE])/gs;

/** A whole number that a double cannot hold keeps its digits as a text: a wrong id is worse than one in quotes. */
const exact = (token: string): string =>
  token.charCodeAt(0) === 0x22 || String(Number(token)) === token ? token : `"${token}"`;

/** Reads every member of `object` but those in `except`. `maxDepth`: the deepest nesting allowed, itself included. */
export function readMembers(
  draft: Draft,
  object: JsonObject,
  maxDepth: number,
  except?: ReadonlySet<string>,
): Failure | null {
  let weakName: string | null = null;
  for (const name in object) {
    if (except?.has(name)) continue;
    const value = object[name];
    const field = FIELD_OF.get(name);
    if (field === 'message_weak' && weakName === null && typeof value === 'string') {
      weakName = name;
      continue;
    }
    const failure = readMember(draft, name, field, value, maxDepth);
    if (failure !== null) return failure;
  }
  if (weakName !== null) takeWeakMessage(draft, weakName, object[weakName]);
  return null;
}

/** Reads one member. */
export function readMember(
  draft: Draft,
  name: string,
  field: Field | undefined,
  value: unknown,
  maxDepth: number,
): Failure | null {
  if (field !== undefined && take(draft, field, name, value)) return null;
  if (typeof value === 'object' && value !== null) {
    if (isDeeper(value, maxDepth - 1)) return tooDeep(maxDepth);
    takeNested(draft, name, value as JsonObject);
  }
  addValue(draft, name, value);
  return null;
}

/** A name such as `log`, `event` or `text` is the message only where no better one is. */
export function takeWeakMessage(draft: Draft, name: string, value: unknown): void {
  if (!take(draft, 'message', name, value)) addValue(draft, name, value);
}

export const tooDeep = (maxDepth: number): Failure => ({
  reason: 'too_deep',
  detail: `JSON nested deeper than the allowed ${maxDepth} levels`,
});

/** The well-known fields inside an object; the object itself stays in labels. */
export function takeNested(draft: Draft, name: string, object: JsonObject): void {
  const fields = NESTED_FIELDS.get(name);
  if (fields === undefined) return;
  for (const { path, field } of fields) {
    const value = valueAt(object, path);
    if (value !== undefined && typeof value !== 'object')
      takeInner(draft, field, `${name}.${path.join('.')}`, value);
  }
}

function takeInner(draft: Draft, field: Parameters<typeof take>[1], name: string, value: unknown): void {
  if (take(draft, field, name, value) && draft.serviceLabel === name) draft.serviceLabel = '';
}

/** The value at a path of own members. */
export function valueAt(object: JsonObject, path: readonly string[]): unknown {
  let value: unknown = object;
  for (const name of path) {
    if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

/** Whether `value` is nested deeper than `left` levels; looks no deeper than that. */
export function isDeeper(value: unknown, left: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (left <= 0) return true;
  for (const name in value) {
    const inner = (value as JsonObject)[name];
    if (typeof inner === 'object' && inner !== null && isDeeper(inner, left - 1)) return true;
  }
  return false;
}
