/** What is wrong with a question, thrown on the way and answered as a problem (schema/problem.ts). */
import type { Code } from './schema/problem.ts';

const STATUS: Readonly<Record<Code, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  refused: 422,
  too_many: 429,
  internal: 500,
  unavailable: 503,
};

export interface Place {
  readonly at: string;
  readonly message: string;
}

export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: Code;
  readonly problems: readonly Place[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: Code,
    message: string,
    more: { readonly problems?: readonly Place[]; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    this.code = code;
    this.problems = more.problems ?? [];
    this.headers = more.headers ?? {};
  }

  get status(): number {
    return STATUS[this.code];
  }
}

export const invalid = (message: string, problems: readonly Place[] = []): Fault =>
  new Fault('invalid', message, { problems });

export const notFound = (what: string): Fault => new Fault('not_found', `${what}: there is none`);
