/** An answer other than OK: a gRPC status code and Google's words. */
import { status } from '@grpc/grpc-js';

export class Failure extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export const invalid = (message: string): Failure => new Failure(status.INVALID_ARGUMENT, message);
export const notFound = (message: string): Failure => new Failure(status.NOT_FOUND, message);
export const unimplemented = (message: string): Failure => new Failure(status.UNIMPLEMENTED, message);
export { status };
