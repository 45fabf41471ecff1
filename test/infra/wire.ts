/** Values as Pulumi's processes send them to each other: structs with marked objects for secrets and archives. */
import type { Struct } from 'google-protobuf/google/protobuf/struct_pb.js';
import structs from 'google-protobuf/google/protobuf/struct_pb.js';

export type Fields = Readonly<Record<string, unknown>>;

const SIGNATURE = '4dabf18193072939515e22adb298388d';
const SECRET = '1b47061264138c4ac30d75fd1eb44270';
const ARCHIVE = '0def7320c3a5731c473e5ecbe6d01bc7';
/** A value that is known after the update alone. */
export const UNKNOWN = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

export const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const isSecret = (value: unknown): value is { readonly value: unknown } =>
  isObject(value) && value[SIGNATURE] === SECRET;
export const isArchive = (value: unknown): value is { readonly path: string } =>
  isObject(value) && value[SIGNATURE] === ARCHIVE;

/** Every value within, deepest first, as `edit` makes it. */
export function mapValues(value: unknown, edit: (value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return edit(value.map((one) => mapValues(one, edit)));
  if (!isObject(value)) return edit(value);
  return edit(Object.fromEntries(Object.entries(value).map(([key, one]) => [key, mapValues(one, edit)])));
}

/** Secrets as `{ secret: value }`, so that a test sees what is one. */
export const withSecretsShown = (value: unknown): unknown =>
  mapValues(value, (one) => (isSecret(one) ? { secret: one.value } : one));
export const withoutSecrets = (value: Fields): Fields =>
  mapValues(value, (one) => (isSecret(one) ? one.value : one)) as Fields;
export const asSecret = (value: unknown): unknown => ({ [SIGNATURE]: SECRET, value });

export function hasSecret(value: unknown): boolean {
  let has = false;
  mapValues(value, (one) => {
    has ||= isSecret(one);
    return one;
  });
  return has;
}

/** All texts within. */
export function textsOf(value: unknown): string[] {
  const texts: string[] = [];
  mapValues(value, (one) => {
    if (typeof one === 'string') texts.push(one);
    return one;
  });
  return texts;
}

export const toStruct = (fields: Fields): Struct =>
  structs.Struct.fromJavaScript(JSON.parse(JSON.stringify(fields)));
export const fromStruct = (struct: Struct | undefined): Fields => struct?.toJavaScript() ?? {};
