/**
 * Stage 2, last step: message → pattern. Pure and linear in the message; never fails. The id is the same in every
 * instance of a function that has the same catalogue, and, for messages that no catalogue knows, in every instance.
 */
export { type Catalogue, decodeCatalogue, EMPTY, encodeCatalogue } from './catalogue.ts';
export { learn } from './learn.ts';
export { maskedId, maskedPattern as patternOf } from './masked.ts';
export { createMatcher } from './matcher.ts';
