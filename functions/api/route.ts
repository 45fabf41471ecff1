/**
 * A path of the API as data: what it takes, what it answers, who may ask. The app, the OpenAPI document and the fuzz test
 * read it alike, so that none of them can differ.
 */
import type { z } from 'zod';
import type { Principal } from './auth/principal.ts';
import type { Role } from './schema/principal.ts';

/** A question that has passed the gate and the schemas. */
export interface Asked<P, Q, B> {
  readonly principal: Principal;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly headers: Headers;
  /** Aborted when the caller goes away. */
  readonly signal: AbortSignal;
  readonly nowMs: number;
}

/** What is answered beside JSON. */
export interface Stream {
  readonly type: string;
  readonly description: string;
}

export interface Route<
  P extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
> {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below /api/v1, with {names} of parameters. */
  readonly path: string;
  readonly tag: string;
  /** What it answers, in a sentence. */
  readonly summary: string;
  /** The least that may ask. */
  readonly role: Role;
  /** Whether it tells of all tenants at once: then those of one tenant may not ask. */
  readonly wide?: true;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** Schema of the answer, by name; null: none (204). */
  readonly answer: { readonly name: string; readonly schema: z.ZodType } | Stream | null;
  /** Resolves to the answer, or to a Response for a stream. Rejects with a Fault. */
  handle(asked: Asked<z.output<P>, z.output<Q>, z.output<B>>): Promise<unknown>;
}

/** Gives a route its types. */
export const route = <
  P extends z.ZodType = z.ZodUndefined,
  Q extends z.ZodType = z.ZodUndefined,
  B extends z.ZodType = z.ZodUndefined,
>(
  one: Route<P, Q, B>,
): Route => one as unknown as Route;

/** `{name: schema}` of an answer. */
export const answers = (name: string, schema: z.ZodType): Route['answer'] => ({ name, schema });
