/**
 * The catalogue in use by an instance: loaded before the first batch, looked up again when it is due. A catalogue
 * that is damaged, or a store that does not answer, changes nothing: the one in use stays (at first: none, patterns
 * are those of the shapes alone), a line is logged, and the next look-up is made when it is due again.
 * Instances differ for at most one interval after a learning; ids differ in that time only for messages whose
 * pattern was merged into another.
 */
import { type Catalogue, decodeCatalogue, EMPTY } from './catalogue.ts';
import type { CatalogueStore } from './catalogue-store.ts';
import { createMatcher, type Match } from './matcher.ts';

export type Refreshed = 'same' | 'replaced' | 'none' | 'refused' | 'failed';

export interface LivePatterns {
  /** The pattern of a message by the catalogue in use. */
  patternOf(message: string): Match;
  /** Its id alone, for less work. */
  patternIdOf(message: string): string;
  /** Revision of the catalogue in use; 0 for none. */
  revision(): number;
  /** Looks the catalogue up if that is due; waits for it. Never rejects. */
  refresh(nowMs: number): Promise<Refreshed>;
}

export interface LiveOptions {
  readonly store: CatalogueStore;
  /** Between two look-ups, in ms. */
  readonly refreshMs: number;
  /** Told what a look-up gave, with the reason of a refusal; never the content. */
  readonly report: (outcome: Refreshed, detail: string) => void;
}

/** Patterns by the newest catalogue that can be had. */
export function livePatterns({ store, refreshMs, report }: LiveOptions): LivePatterns {
  let catalogue: Catalogue = EMPTY;
  let match = createMatcher(EMPTY);
  let generation: string | null = null;
  let dueMs = Number.NEGATIVE_INFINITY;
  let underWay: Promise<Refreshed> | null = null;

  const lookUp = async (): Promise<Refreshed> => {
    try {
      const stored = await store.read(generation);
      if (stored === null) return 'none';
      if (stored === 'same') return 'same';
      // A refused text is not read again: only a new generation can be better.
      generation = stored.generation;
      const decoded = decodeCatalogue(stored.text);
      if ('refused' in decoded) {
        report('refused', decoded.refused);
        return 'refused';
      }
      catalogue = decoded.catalogue;
      match = createMatcher(catalogue);
      report('replaced', `revision ${catalogue.revision}, ${catalogue.patterns.length} patterns`);
      return 'replaced';
    } catch (error) {
      report('failed', error instanceof Error ? error.name : 'not an Error');
      return 'failed';
    }
  };

  return {
    patternOf: (message) => match(message),
    patternIdOf: (message) => match.id(message),
    revision: () => catalogue.revision,
    refresh: async (nowMs) => {
      if (underWay !== null) return underWay;
      if (nowMs < dueMs) return 'same';
      dueMs = nowMs + refreshMs;
      underWay = lookUp();
      const outcome = await underWay;
      underWay = null;
      return outcome;
    },
  };
}
