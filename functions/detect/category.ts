/**
 * What BERT calls the patterns of errors of windows: asked once a pattern, by one of its messages, for those alone that
 * have a message among the samples and no name yet. Never on every line. A name is cached with the service's patterns,
 * and by each instance for all services.
 */
import { ERROR } from '../parse/severity.ts';
import type { ModelClient } from './model-client.ts';
import type { PatternMemory } from './pattern-memory.ts';
import type { Prepared } from './preparation.ts';

/** Messages that one firing asks about, at most; the others come when they are seen again. */
const MAX_MESSAGES = 32;
const MAX_NAMES = 10_000;

/** Names of patterns that an instance knows. */
export type NameCache = Map<string, string>;

/** New names of patterns, by service. */
export async function categoriesOf(
  prepared: readonly Prepared[],
  memories: ReadonlyMap<string, PatternMemory>,
  models: ModelClient,
  named: NameCache,
): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
  const wanted = prepared.flatMap(({ service, stats }) =>
    (stats?.samples ?? [])
      .filter(({ severity, patternId }) => severity >= ERROR && patternId !== '')
      .filter(({ patternId }) => memories.get(service)?.categories[patternId] === undefined)
      .map(({ patternId, message }) => ({ service, patternId, message })),
  );
  const asked = new Map<string, string>();
  for (const { patternId, message } of wanted) {
    if (asked.size >= MAX_MESSAGES) break;
    if (!named.has(patternId) && message.trim() !== '') asked.set(patternId, message);
  }
  const { answers } = await models.messages([...asked.values()].map((message) => ({ message })));
  [...asked.keys()].forEach((id, i) => {
    const category = answers[i]?.category;
    if (named.size >= MAX_NAMES) named.clear();
    if (category !== undefined) named.set(id, category);
  });
  const fresh = new Map<string, Record<string, string>>();
  for (const { service, patternId } of wanted) {
    const category = named.get(patternId);
    if (category === undefined) continue;
    fresh.set(service, { ...fresh.get(service), [patternId]: category });
  }
  return fresh;
}
