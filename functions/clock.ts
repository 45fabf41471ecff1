/**
 * Time as an argument. Milliseconds since the epoch, as `Date.now` gives them; tests pass a manual clock.
 */
export type Clock = () => number;

/** The clock of a running function. */
export const wallClock: Clock = () => Date.now();
