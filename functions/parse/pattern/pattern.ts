/**
 * Stage 2, last step: message → pattern. Pure and linear in the message; never fails. The id is the same in every
 * instance of a function.
 */
export { maskedPattern as patternOf, type Pattern } from './masked.ts';
