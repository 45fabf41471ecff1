/**
 * The scheduled step: samples and the stored catalogue → the next catalogue, stored. Runs may overlap: a run that
 * finds the catalogue replaced under it learns again on top of that one. A stored catalogue that is damaged is not
 * overwritten, because its ids would be lost: the step fails until somebody restores it (object versions do).
 */
import { type Catalogue, decodeCatalogue, EMPTY, encodeCatalogue } from './catalogue.ts';
import type { CatalogueStore } from './catalogue-store.ts';
import { learn, type Sample } from './learn.ts';

/** What a run did, in counts. */
export interface Relearned {
  readonly revision: number;
  readonly samples: number;
  readonly patterns: number;
  /** Patterns that the catalogue did not have before. */
  readonly fresh: number;
  /** Ids that were merged into another by this run. */
  readonly merged: number;
}

const ATTEMPTS = 3;

/** What a run made, with the catalogue. */
export interface Learned extends Relearned {
  readonly catalogue: Catalogue;
}

/** One run. Throws when the stored catalogue is refused or was replaced again and again. */
export async function relearn(samples: readonly Sample[], store: CatalogueStore): Promise<Learned> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const stored = await store.read(null);
    const generation = stored === null || stored === 'same' ? null : stored.generation;
    const decoded =
      stored === null || stored === 'same' ? { catalogue: EMPTY } : decodeCatalogue(stored.text);
    if ('refused' in decoded) throw new Error(`the stored catalogue is refused: ${decoded.refused}`);
    const before = decoded.catalogue;
    const after = samples.length === 0 ? before : learn(samples, before);
    if (after !== before && !(await store.write(encodeCatalogue(after), generation))) continue;
    const known = new Set(before.patterns.map(({ id }) => id));
    return {
      catalogue: after,
      revision: after.revision,
      samples: samples.length,
      patterns: after.patterns.length,
      fresh: after.patterns.filter(({ id }) => !known.has(id)).length,
      merged: Object.keys(after.retired).length - Object.keys(before.retired).length,
    };
  }
  throw new Error(`the stored catalogue was replaced ${ATTEMPTS} times while this run learned`);
}

/**
 * GoogleSQL that picks the samples: of each pattern that arrived since @since, at most @each messages, with how many
 * entries each stands for. Columns: message, entries.
 */
export const SAMPLES_SQL = `SELECT message, entries
FROM (
  SELECT
    message,
    insert_id,
    ROW_NUMBER() OVER (PARTITION BY pattern_id ORDER BY insert_id) AS place,
    GREATEST(1, DIV(COUNT(*) OVER (PARTITION BY pattern_id), @each)) AS entries
  FROM log_entries
  WHERE timestamp >= TIMESTAMP_SUB(@since, INTERVAL 1 DAY) AND received_at >= @since
)
WHERE place <= @each
ORDER BY insert_id
LIMIT 200000`;
