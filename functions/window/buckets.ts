/**
 * Reads the fragments of a key, bucket by bucket, as far as they touch. Of each bucket the state is read before the
 * parts: a commit that its version lets through was decided on no fewer parts than the state's.
 */
import type { TimeWindow } from '../stream/window.ts';
import { neighbour } from './fragment.ts';
import { type Session, sessionsOf } from './session-state.ts';
import type { StoredPart, Versioned, WindowStore } from './store.ts';
import type { JobWindow } from './window-id.ts';

export interface Bucket {
  readonly of: JobWindow;
  readonly state: Versioned | null;
  readonly parts: readonly StoredPart[];
}

export class Buckets {
  readonly #store: Pick<WindowStore, 'statesOf' | 'partsOf'>;
  readonly #gapMs: number;
  /** By start. */
  readonly #read = new Map<number, Bucket>();

  constructor(store: Pick<WindowStore, 'statesOf' | 'partsOf'>, gapMs: number) {
    this.#store = store;
    this.#gapMs = gapMs;
  }

  /** The bucket, read once. */
  async read(of: JobWindow): Promise<Bucket> {
    const present = this.#read.get(of.window.start);
    if (present !== undefined) return present;
    const state = (await this.#store.statesOf([of]))[0] ?? null;
    const bucket = { of, state, parts: (await this.#store.partsOf([of]))[0]! };
    this.#read.set(of.window.start, bucket);
    return bucket;
  }

  /** Reads on to the right as long as fragments touch what ends at `endMs`; resolves to where the last one ends. */
  async readRight(from: JobWindow, endMs: number): Promise<number> {
    let end = endMs;
    for (let at = from; end >= at.window.end; ) {
      at = neighbour(at, 1);
      const touching = sessionsOf((await this.read(at)).parts).filter(({ window }) => {
        if (window.start > end) return false;
        end = Math.max(end, window.end);
        return true;
      });
      if (touching.length === 0) break;
    }
    return end;
  }

  /** Reads on to the left as long as fragments touch what starts at `startMs`. */
  async readLeft(from: JobWindow, startMs: number): Promise<void> {
    let start = startMs;
    // A fragment of the bucket before ends less than the gap into this one.
    for (let at = from; start < at.window.start + this.#gapMs; ) {
      at = neighbour(at, -1);
      const last = sessionsOf((await this.read(at)).parts).at(-1);
      if (last === undefined || last.window.end < start) break;
      start = last.window.start;
    }
  }

  /** All that was read. */
  all(): Bucket[] {
    return [...this.#read.values()];
  }

  /** The sessions formed by all that was read. */
  sessions(): Session[] {
    return sessionsOf(this.all().flatMap(({ parts }) => parts));
  }

  /** Of the buckets read, those in which a session has parts, by start. */
  holding({ parts }: Session): Bucket[] {
    const holds = ({ window }: JobWindow): boolean =>
      parts.some(({ span }) => span !== undefined && startsIn(span, window));
    return this.all()
      .filter(({ of }) => holds(of))
      .sort((a, b) => a.of.window.start - b.of.window.start);
  }
}

/** Whether a span starts in a bucket, and so rests there. */
export const startsIn = (span: TimeWindow, bucket: TimeWindow): boolean =>
  span.start >= bucket.start && span.start < bucket.end;
