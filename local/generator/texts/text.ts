/**
 * What the services of the generator say, as tables of texts. A text holds slots in braces (`{ms}`), which
 * slots.ts fills. Each table is one failure category; what stands under `heldOut` is never printed in the normal
 * course of the generator, so that a model can be asked about texts it has not seen.
 */

import { FAILURE_CATEGORIES, type FailureCategory } from '../../../functions/detect/failure-category.ts';

export { FAILURE_CATEGORIES as CATEGORIES, type FailureCategory as Category };

/** Levels, least first. */
export const LEVELS = ['debug', 'info', 'warn', 'error', 'critical'] as const;

export type Level = (typeof LEVELS)[number];

/** Texts by level; a level that is left out has none. */
export type Texts = Readonly<Partial<Record<Level, readonly string[]>>>;

export interface TextTable {
  readonly category: FailureCategory;
  /** `request`: said while a request is served, with trace, status and latency; `job`: at any time. */
  readonly scope: 'request' | 'job';
  /** HTTP statuses that go with an error of this kind. */
  readonly statuses: readonly number[];
  /** Error codes that go with it. */
  readonly codes: readonly string[];
  readonly texts: Texts;
  readonly heldOut: Texts;
}
