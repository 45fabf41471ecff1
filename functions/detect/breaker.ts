/**
 * A circuit breaker: spares callers the deadline of an endpoint that does not answer. Pure, the clock is an argument.
 *
 *   closed ── so many failures in a row ──▶ open ── after a pause ──▶ half open: one call may try
 *     ▲                                      ▲                            │
 *     └───────── it answers ─────────────────┼────────────────────────────┤
 *                                            └──────── it fails ──────────┘
 */
export interface BreakerSettings {
  /** Failures in a row that open it. */
  readonly failures: number;
  readonly pauseMs: number;
}

export interface Breaker {
  /** Whether a call may be made; counts as made. */
  allows(nowMs: number): boolean;
  succeeded(): void;
  failed(nowMs: number): void;
  readonly state: 'closed' | 'open';
}

export function createBreaker({ failures, pauseMs }: BreakerSettings): Breaker {
  let inRow = 0;
  let openUntilMs: number | null = null;
  return {
    allows(nowMs) {
      if (openUntilMs === null) return true;
      if (nowMs < openUntilMs) return false;
      // One call tries; while it is on its way the others go without.
      openUntilMs = nowMs + pauseMs;
      return true;
    },
    succeeded() {
      inRow = 0;
      openUntilMs = null;
    },
    failed(nowMs) {
      inRow++;
      if (inRow >= failures) openUntilMs = nowMs + pauseMs;
    },
    get state() {
      return openUntilMs === null ? 'closed' : 'open';
    },
  };
}
