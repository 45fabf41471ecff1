/**
 * Conditions on generations that a request carries, and whether they hold. Pure.
 * Source: https://cloud.google.com/storage/docs/request-preconditions
 */
import { ApiError } from '../http.ts';

/** Undefined conditions hold. Generation 0 stands for "there is no such object". */
export interface Conditions {
  readonly generationMatch?: number;
  readonly generationNotMatch?: number;
  readonly metagenerationMatch?: number;
  readonly metagenerationNotMatch?: number;
}

/** Reads `ifGenerationMatch` and its siblings, or with a prefix `ifSourceGenerationMatch` and its. */
export function conditionsOf(query: URLSearchParams, prefix: '' | 'Source' = ''): Conditions {
  const read = (name: string): number | undefined => {
    const text = query.get(`if${prefix}${name}`);
    if (text === null) return undefined;
    if (/^\d+$/.test(text)) return Number(text);
    throw new ApiError(400, `Invalid value for if${prefix}${name}: '${text}'`, {
      reason: 'invalidParameter',
    });
  };
  const found = {
    generationMatch: read('GenerationMatch'),
    generationNotMatch: read('GenerationNotMatch'),
    metagenerationMatch: read('MetagenerationMatch'),
    metagenerationNotMatch: read('MetagenerationNotMatch'),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/** Throws 412 when a condition does not hold for what is there now. */
export function checkConditions(
  conditions: Conditions,
  current: { readonly generation?: number; readonly metageneration: number } | undefined,
): void {
  const generation = current?.generation ?? 0;
  const metageneration = current?.metageneration ?? 0;
  const { generationMatch, generationNotMatch, metagenerationMatch, metagenerationNotMatch } = conditions;
  const failed =
    (generationMatch !== undefined && generationMatch !== generation) ||
    (generationNotMatch !== undefined && generationNotMatch === generation) ||
    (metagenerationMatch !== undefined && metagenerationMatch !== metageneration) ||
    (metagenerationNotMatch !== undefined && metagenerationNotMatch === metageneration);
  if (!failed) return;
  throw new ApiError(412, 'At least one of the pre-conditions you specified did not hold.', {
    reason: 'conditionNotMet',
    location: { type: 'header', name: 'If-Match' },
  });
}

/** For reads: whether a "not match" condition says that the reader has it already (304). */
export function isNotModified(
  conditions: Conditions,
  current: { readonly generation: number; readonly metageneration: number },
): boolean {
  return (
    conditions.generationNotMatch === current.generation ||
    conditions.metagenerationNotMatch === current.metageneration
  );
}
