/** `DescriptorProto`, as a writer sends it with its first rows: which fields its messages have. */
import type protobuf from 'protobufjs';
import { invalidArgument } from './failure.ts';
import { protocolRoot } from './protocol.ts';

export interface FieldDescriptor {
  readonly name: string;
  readonly number: number;
  /** 1 optional, 2 required, 3 repeated. */
  readonly label: number;
  /** `FieldDescriptorProto.Type`. */
  readonly type: number;
  readonly typeName?: string;
}

export interface MessageDescriptor {
  readonly name: string;
  readonly field: readonly FieldDescriptor[];
  readonly nestedType: readonly MessageDescriptor[];
}

/** Option of a field whose column has a name that protobuf cannot have. */
const COLUMN_NAME = '.google.cloud.bigquery.storage.v1.columnName';

interface Encoded {
  readonly name: string;
  readonly field: readonly (FieldDescriptor & { readonly options?: Readonly<Record<string, unknown>> })[];
  readonly nestedType: readonly Encoded[];
}

let type: protobuf.Type | undefined;

/** Reads an encoded descriptor. */
export function readDescriptor(bytes: Uint8Array): MessageDescriptor {
  type ??= protocolRoot().lookupType('google.protobuf.DescriptorProto');
  try {
    return named(type.toObject(type.decode(bytes), { arrays: true }) as Encoded);
  } catch {
    throw invalidArgument('The writer schema is not a DescriptorProto.');
  }
}

/** With the columns' names as the fields'. */
function named({ name, field, nestedType }: Encoded): MessageDescriptor {
  const fields = field.map(({ options, ...rest }) => {
    const column = options?.[COLUMN_NAME];
    return typeof column === 'string' ? { ...rest, name: column } : rest;
  });
  return { name, field: fields, nestedType: nestedType.map(named) };
}

/** Types that the message declares, by name, at any depth: Google's clients put them all at the top. */
export function nestedTypes(descriptor: MessageDescriptor): ReadonlyMap<string, MessageDescriptor> {
  const found = new Map<string, MessageDescriptor>();
  const add = (one: MessageDescriptor): void => {
    for (const inner of one.nestedType) {
      if (!found.has(inner.name)) found.set(inner.name, inner);
      add(inner);
    }
  };
  add(descriptor);
  return found;
}
