/**
 * The rows of a live list: newest first, bounded. Under pressure it keeps a sample of what comes between two frames and
 * says how many it left out, so that 5,000 lines/s cost no more than a screen can show. Pure.
 */
import type { LogEntry } from '../schema/logs.ts';

export type Row =
  | { readonly kind: 'entry'; readonly entry: LogEntry }
  | { readonly kind: 'gap'; readonly dropped: number | null; readonly fromMs: number; readonly toMs: number };

/** Rows that stay. Older ones are forgotten. */
export const MOST_ROWS = 5000;
/** Entries that one frame may add: 60 frames a second are then some 3,600 entries/s. */
export const MOST_A_FRAME = 60;

export class LiveRows {
  /** Newest first. */
  rows: readonly Row[] = [];
  /** All that matched since the start. */
  matched = 0;
  /** Of those, the ones that are not shown because they were too many. */
  sampledOut = 0;
  #waiting: Row[] = [];
  readonly #mostRows: number;

  constructor(mostRows = MOST_ROWS) {
    this.#mostRows = mostRows;
  }

  /** What waits for the next frame; bounded as the rows are. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Entries come oldest first. */
  add(entries: readonly LogEntry[], matched: number): void {
    this.matched += Math.max(matched, entries.length);
    this.sampledOut += Math.max(0, matched - entries.length);
    for (const entry of entries) this.#waiting.push({ kind: 'entry', entry });
    this.#bound();
  }

  gap(gap: Omit<Extract<Row, { kind: 'gap' }>, 'kind'>): void {
    this.#waiting.push({ kind: 'gap', ...gap });
    this.#bound();
  }

  /** Moves what waits into the rows; `most`: beyond so many entries evenly spread ones. True: something changed. */
  flush(most = MOST_A_FRAME): boolean {
    if (this.#waiting.length === 0) return false;
    const entries = this.#waiting.filter(({ kind }) => kind === 'entry').length;
    const every = Math.max(1, entries / most);
    let seen = 0;
    let next = 0;
    const kept = this.#waiting.filter((row) => {
      if (row.kind === 'gap') return true;
      const keep = seen >= next - 1e-9;
      if (keep) next += every;
      seen++;
      return keep;
    });
    this.sampledOut += this.#waiting.length - kept.length;
    this.#waiting = [];
    this.rows = [...kept.reverse(), ...this.rows].slice(0, this.#mostRows);
    return true;
  }

  clear(): void {
    this.rows = [];
    this.#waiting = [];
    this.matched = 0;
    this.sampledOut = 0;
  }

  /** While paused, the oldest of what waits goes first. */
  #bound(): void {
    const over = this.#waiting.length - this.#mostRows;
    if (over <= 0) return;
    const gone = this.#waiting.splice(0, over);
    this.sampledOut += gone.filter(({ kind }) => kind === 'entry').length;
  }
}
