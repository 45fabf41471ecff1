/** An answer other than OK: a gRPC status code, and the words that Pub/Sub uses where they are known. */
import { status } from '@grpc/grpc-js';

export class Failure extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export const invalid = (message: string): Failure => new Failure(status.INVALID_ARGUMENT, message);

/** `name` is a full resource name; Pub/Sub answers with its last part. */
export const notFound = (name: string): Failure =>
  new Failure(status.NOT_FOUND, `Resource not found (resource=${lastPart(name)}).`);

export const alreadyExists = (name: string): Failure =>
  new Failure(status.ALREADY_EXISTS, `Resource already exists in the project (resource=${lastPart(name)}).`);

/** Something that Pub/Sub has and this stand-in has not: refused, never ignored. */
export const unsupported = (what: string): Failure =>
  new Failure(status.UNIMPLEMENTED, `${what} is not supported by the local Pub/Sub.`);

export const failedPrecondition = (message: string): Failure =>
  new Failure(status.FAILED_PRECONDITION, message);

export const exhausted = (message: string): Failure => new Failure(status.RESOURCE_EXHAUSTED, message);

const lastPart = (name: string): string => name.slice(name.lastIndexOf('/') + 1);
