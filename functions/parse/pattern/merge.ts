/**
 * Templates of one frame → fewer, more general ones. Templates that are equal but for one word (later: two) are
 * merged when the evidence says that the word is a variable. The outcome does not depend on the order in which the
 * templates come. No two templates that come out fit the same message: a merge that would break this is not done.
 */
import { needed, type Place } from './evidence.ts';
import { FrameIndex } from './frame-index.ts';
import { covers, type Template, textOf } from './template.ts';

/** A template with whatever its owner keeps beside it. */
export interface Cluster<T> {
  readonly template: Template;
  readonly members: readonly T[];
}

/** Words of a template beyond which places are not compared two at a time. */
const MAX_PAIR_WORDS = 24;

/** Merges the clusters of one frame. */
export function mergeFrame<T>(clusters: readonly Cluster<T>[]): Cluster<T>[] {
  let now = [...clusters];
  for (let step = 0; step < STEPS.length; ) {
    const next = now.length > 1 ? mergeOnce(now, STEPS[step]!) : null;
    if (next === null) step++;
    else {
      now = next;
      step = 0;
    }
  }
  return now;
}

/** Ways to group clusters that may be one, the surest first; after a merge all are tried again. */
const STEPS = [
  <T>(clusters: readonly Cluster<T>[]) => groupsOf(clusters, 1),
  <T>(clusters: readonly Cluster<T>[]) => groupsOf(clusters, 2),
  <T>(clusters: readonly Cluster<T>[]) => groupsByRest(clusters),
];

type Step = (typeof STEPS)[number];

interface Group {
  readonly places: readonly number[];
  readonly clusters: number[];
}

/** One round of merges; null when there was nothing to merge. */
function mergeOnce<T>(clusters: readonly Cluster<T>[], step: Step): Cluster<T>[] | null {
  const groups = [...step(clusters)].filter((group) => isVariable(clusters, group));
  if (groups.length === 0) return null;
  const sorted = groups.map((group) => ({ group, template: generalOf(clusters, group) }));
  sorted.sort((a, b) => b.group.clusters.length - a.group.clusters.length || compare(a.template, b.template));
  const index = new FrameIndex<Cluster<T>>();
  for (const cluster of clusters) index.add(cluster);
  let merged = 0;
  for (const { group, template } of sorted) {
    if (group.clusters.every((at) => index.get(at) !== null) && merge(index, template)) merged++;
  }
  return merged === 0 ? null : index.clusters();
}

/** What the clusters of a group have in common. */
function generalOf<T>(clusters: readonly Cluster<T>[], group: Group): Template {
  const { gaps, words } = clusters[group.clusters[0]!]!.template;
  return { gaps, words: words.map((word, i) => (group.places.includes(i) ? null : word)) };
}

/** Puts all that the template covers into one cluster; false where something else would fit the same messages. */
function merge<T>(index: FrameIndex<Cluster<T>>, template: Template): boolean {
  const inside = index.overlapping(template);
  if (!inside.every((at) => covers(template, index.get(at)!.template))) return false;
  const members = inside.flatMap((at) => index.get(at)!.members);
  for (const at of inside) index.remove(at);
  index.add({ template, members });
  return true;
}

/** Clusters that are equal but for the given number of places. */
function* groupsOf<T>(clusters: readonly Cluster<T>[], places: number): Generator<Group> {
  const length = clusters[0]?.template.words.length ?? 0;
  if (places > 1 && length > MAX_PAIR_WORDS) return;
  const ids = wordIds(clusters);
  for (let p = 0; p < length; p++) {
    if (places === 1) yield* groupsAt(ids, [p]);
    else for (let q = p + 1; q < length; q++) yield* groupsAt(ids, [p, q]);
  }
}

/** Clusters that are equal but for all places with so many words that each of them looks variable. */
function* groupsByRest<T>(clusters: readonly Cluster<T>[]): Generator<Group> {
  const all = clusters.map((_, i) => i);
  const { words } = clusters[0]!.template;
  const context = words.filter((word, i) => word !== null && valuesAt(clusters, all, i).size === 1).length;
  const places = words.flatMap((_, i) => (isVariableAt(clusters, all, i, context) ? [i] : []));
  if (places.length > 2 && places.length < words.length) yield* groupsAt(wordIds(clusters), places);
}

function* groupsAt(ids: readonly (readonly number[])[], places: readonly number[]): Generator<Group> {
  const groups = new Map<string, number[]>();
  ids.forEach((row, i) => {
    const key = row.filter((_, at) => !places.includes(at)).join();
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [i]);
    else group.push(i);
  });
  for (const clusters of groups.values()) if (clusters.length > 1) yield { places, clusters };
}

/** Words as small numbers, 0 for a variable. */
function wordIds<T>(clusters: readonly Cluster<T>[]): number[][] {
  const ids = new Map<string, number>();
  return clusters.map(({ template }) =>
    template.words.map((word) => {
      if (word === null) return 0;
      const id = ids.get(word) ?? ids.size + 1;
      ids.set(word, id);
      return id;
    }),
  );
}

function isVariable<T>(clusters: readonly Cluster<T>[], { places, clusters: members }: Group): boolean {
  const { words } = clusters[members[0]!]!.template;
  const context = words.filter((word, i) => word !== null && !places.includes(i)).length;
  if (context < places.length) return false;
  return places.every((index) => isVariableAt(clusters, members, index, context, places.length - 1));
}

/** Whether the words of some clusters at a place are enough to call it variable, by `more` than is needed. */
function isVariableAt<T>(
  clusters: readonly Cluster<T>[],
  members: readonly number[],
  index: number,
  context: number,
  more = 0,
): boolean {
  const { gaps, words } = clusters[members[0]!]!.template;
  const values = valuesAt(clusters, members, index);
  const variable = values.delete(null);
  if (values.size === 0) return more > 0;
  const place: Place = {
    values: [...values] as string[],
    variable,
    gapBefore: gaps[index]!,
    wordBefore: (index > 0 ? words[index - 1] : '') ?? '',
    gapAfter: gaps[index + 1]!,
    index,
  };
  return values.size >= needed(place, context) + Math.min(more, 1);
}

const valuesAt = <T>(
  clusters: readonly Cluster<T>[],
  members: readonly number[],
  index: number,
): Set<string | null> => new Set(members.map((i) => clusters[i]!.template.words[index]!));

function compare(a: Template, b: Template): number {
  const [left, right] = [textOf(a), textOf(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
