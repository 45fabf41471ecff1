/** Why something became a dead letter: a fixed word, and a sentence with values and limits, never the payload. */
export interface Failure {
  readonly reason: string;
  readonly detail: string;
}

/** Tells a failure from a result. */
export const isFailure = (result: object): result is Failure => 'reason' in result && 'detail' in result;
