/** Events of sessions (pattern ids, log keys) as numbers; what was never seen in training is one number, UNKNOWN. */
export const START = 0;
export const UNKNOWN = 1;
export const END = 2;
const FIRST_EVENT = 3;

export interface Vocabulary {
  /** Events in order of their first appearance. */
  readonly events: readonly string[];
  /** Number of tokens, the special ones included. */
  readonly size: number;
  token(event: string): number;
}

export function vocabularyOf(events: readonly string[]): Vocabulary {
  const tokens = new Map(events.map((event, index) => [event, FIRST_EVENT + index]));
  return {
    events,
    size: FIRST_EVENT + events.length,
    token: (event) => tokens.get(event) ?? UNKNOWN,
  };
}

/** Every event of the sessions. */
export const learnVocabulary = (sessions: Iterable<readonly string[]>): Vocabulary =>
  vocabularyOf([...new Set([...sessions].flat())]);
