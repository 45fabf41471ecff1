/**
 * What Google's provider declares of its resources, read from the declarations of @pulumi/gcp: fields, which of them are
 * required, their types, and the values that their descriptions allow. Pulumi's mocks look at none of it at run time.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import type { Made } from './stack.ts';
import { UNKNOWN } from './wire.ts';

const ROOT = dirname(createRequire(import.meta.url).resolve('@pulumi/gcp/package.json'));

interface Field {
  readonly isRequired: boolean;
  readonly type: string;
  /** Values that the description allows; empty: any. */
  readonly allowed: readonly string[];
}
type Shape = ReadonlyMap<string, Field>;

const read = (path: string): ts.SourceFile =>
  ts.createSourceFile(path, readFileSync(join(ROOT, path), 'utf8'), ts.ScriptTarget.ES2022, false);

const shapes = new Map<string, Shape>();
let nested: Map<string, readonly [ts.SourceFile, ts.InterfaceDeclaration]> | undefined;

/** Interfaces of types/input.d.ts, by `namespace.Name`. */
function nestedTypes(): NonNullable<typeof nested> {
  if (nested !== undefined) return nested;
  nested = new Map();
  const file = read('types/input.d.ts');
  for (const space of file.statements.filter(ts.isModuleDeclaration)) {
    if (space.body === undefined || !ts.isModuleBlock(space.body)) continue;
    for (const one of space.body.statements.filter(ts.isInterfaceDeclaration))
      nested.set(`${space.name.text}.${one.name.text}`, [file, one]);
  }
  return nested;
}

function shapeOf(file: ts.SourceFile, one: ts.InterfaceDeclaration): Shape {
  const fields = one.members.filter(ts.isPropertySignature).map((member): [string, Field] => {
    const comment = file.text.slice(member.pos, member.name.getStart(file));
    const type = (member.type?.getText(file) ?? 'any').replace(/\s+/g, ' ');
    const isRequired = member.questionToken === undefined;
    return [
      member.name.getText(file).replace(/['"]/g, ''),
      { isRequired, type, allowed: allowedBy(comment) },
    ];
  });
  return new Map(fields);
}

/** `Possible values are: `A`, `B`.` */
function allowedBy(comment: string): string[] {
  const text = comment.replace(/\n\s*\*/g, ' ');
  const list =
    /Possible values (?:are|include)\s*:?\s*((?:(?:,|and|or)?\s*`[^`]+`\s*)+)/.exec(text)?.[1] ?? '';
  return [...list.matchAll(/`"?([^`"]+)"?`/g)].map(([, value]) => value!);
}

/** null: the provider has no such resource. */
function resourceShape(type: string): Shape | null {
  const known = shapes.get(type);
  if (known !== undefined) return known;
  const [, place = '', name = ''] = /^gcp:([^:]+):(\w+)$/.exec(type) ?? [];
  // `projects/iAMCustomRole` lies in projects/iamcustomRole.d.ts.
  const path = place
    .replace(/\/iAM(\w)/, (_, letter: string) => `/iam${letter.toLowerCase()}`)
    .replace('/uRLMap', '/urlmap');
  if (!existsSync(join(ROOT, `${path}.d.ts`))) return null;
  const file = read(`${path}.d.ts`);
  const found = file.statements
    .filter(ts.isInterfaceDeclaration)
    .find((one) => one.name.text === `${name}Args`);
  if (found === undefined) return null;
  const shape = shapeOf(file, found);
  shapes.set(type, shape);
  return shape;
}

function nestedShape(name: string): Shape {
  const known = shapes.get(name);
  if (known !== undefined) return known;
  const found = nestedTypes().get(name);
  if (found === undefined) throw new Error(`@pulumi/gcp declares no ${name}`);
  const shape = shapeOf(...found);
  shapes.set(name, shape);
  return shape;
}

/** What the provider would refuse of these resources: unknown and missing fields, wrong types, wrong values. */
export function refusals(made: readonly Made[]): string[] {
  return made
    .filter(({ type }) => type.startsWith('gcp:'))
    .flatMap(({ type, name, inputs }) => {
      const shape = resourceShape(type);
      return shape === null ? [`${name}: no resource ${type}`] : objectProblems(inputs, shape, name);
    });
}

function objectProblems(value: object, shape: Shape, at: string): string[] {
  const given = Object.entries(value).filter(([, one]) => one !== undefined && one !== null);
  const keys = given.map(([key]) => key);
  return [
    ...keys.filter((key) => !shape.has(key)).map((key) => `${at}: no field ${key}`),
    ...[...shape]
      .filter(([key, { isRequired }]) => isRequired && !keys.includes(key))
      .map(([key]) => `${at}: ${key} is required`),
    ...given.flatMap(([key, one]) => {
      const field = shape.get(key);
      return field === undefined ? [] : valueProblems(one, field, `${at}.${key}`);
    }),
  ];
}

function valueProblems(given: unknown, { type, allowed }: Field, at: string): string[] {
  const value = isSecret(given) ? given.secret : given;
  if (value === UNKNOWN) return [];
  if (Array.isArray(value)) {
    if (!type.includes('[]')) return [`${at}: a list, and should be ${type}`];
    const element = { type: type.replace('[]', ''), allowed, isRequired: true };
    return value.flatMap((one, i) => valueProblems(one, element, `${at}[${i}]`));
  }
  if (type.includes('[]')) return [`${at}: should be a list`];
  const name = /inputs\.([\w.]+)/.exec(type)?.[1];
  if (name !== undefined) {
    if (typeof value !== 'object' || value === null) return [`${at}: should be an object`];
    return objectProblems(value, nestedShape(name), at);
  }
  if (/asset\.|\[key: string\]/.test(type))
    return typeof value === 'object' ? [] : [`${at}: should be an object`];
  const kinds = ['string', 'number', 'boolean'].filter((kind) => new RegExp(`\\b${kind}\\b`).test(type));
  if (kinds.length > 0 && !kinds.includes(typeof value))
    return [`${at}: ${JSON.stringify(value)} should be a ${kinds.join(' or ')}`];
  return allowed.length > 0 && !allowed.includes(String(value))
    ? [`${at}: "${String(value)}"; allowed: ${allowed.join(', ')}`]
    : [];
}

const isSecret = (value: unknown): value is { readonly secret: unknown } =>
  typeof value === 'object' && value !== null && Object.keys(value).join() === 'secret';
