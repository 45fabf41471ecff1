/**
 * Messages → catalogue: the scheduled step. The outcome does not depend on the order of the messages. What an earlier
 * catalogue knows stays known under its id: a pattern may become more general, or be merged into another (then its id
 * is kept in `retired`), but never narrower. Memory: one template for each different masked message, at most
 * MAX_TEMPLATES; what comes beyond is counted and not learned.
 */
import { type Catalogue, type CataloguePattern, EMPTY } from './catalogue.ts';
import { createFinder } from './finder.ts';
import { idOf } from './masked.ts';
import { type Cluster, mergeFrame } from './merge.ts';
import { scan } from './scan.ts';
import { frameOf, type Template, templateFrom, textOf } from './template.ts';
import { newWords } from './word-list.ts';

/** Different templates that one learning looks at. */
const MAX_TEMPLATES = 200_000;

/** A template before merging: of the earlier catalogue, or new. */
interface Member {
  readonly template: Template;
  readonly text: string;
  readonly known: CataloguePattern | null;
  count: number;
}

/** A message that stands for so many. */
export interface Sample {
  readonly message: string;
  /** At least 1. */
  readonly entries: number;
}

/** The catalogue that knows what `previous` knows and what the samples show. */
export function learn(samples: Iterable<string | Sample>, previous: Catalogue = EMPTY): Catalogue {
  const revision = previous.revision + 1;
  const { members, messages } = gather(samples, previous);
  const retired: Record<string, string> = {};
  const patterns: CataloguePattern[] = [];
  const taken = new Set(previous.patterns.map((pattern) => pattern.id));
  for (const frame of framesOf(members)) {
    for (const cluster of mergeFrame(frame)) {
      const pattern = patternFrom(cluster, revision, taken);
      patterns.push(pattern);
      for (const { known } of cluster.members)
        if (known !== null && known.id !== pattern.id) retired[known.id] = pattern.id;
    }
  }
  patterns.sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    revision,
    messages: previous.messages + messages,
    patterns,
    retired: follow({ ...previous.retired, ...retired }, retired),
  };
}

function gather(
  samples: Iterable<string | Sample>,
  previous: Catalogue,
): { members: Member[]; messages: number } {
  const find = createFinder(previous.patterns);
  const words = newWords();
  const known = previous.patterns.map(
    (p): Member => ({ template: p, text: textOf(p), known: p, count: p.count }),
  );
  const fresh = new Map<string, Member>();
  let messages = 0;
  for (const sample of samples) {
    const { message, entries } = typeof sample === 'string' ? { message: sample, entries: 1 } : sample;
    messages += entries;
    scan(message, words);
    const at = find(message, words);
    if (at !== -1) {
      known[at]!.count += entries;
      continue;
    }
    const template = templateFrom(message, words);
    const text = textOf(template);
    const member = fresh.get(text);
    if (member !== undefined) member.count += entries;
    else if (fresh.size < MAX_TEMPLATES) fresh.set(text, { template, text, known: null, count: entries });
  }
  return { members: [...known, ...fresh.values()], messages };
}

/** Members by frame, each in the order of their texts. */
function framesOf(members: readonly Member[]): Cluster<Member>[][] {
  const frames = new Map<string, Cluster<Member>[]>();
  for (const member of [...members].sort((a, b) => (a.text < b.text ? -1 : 1))) {
    const key = frameOf(member.template);
    const cluster = { template: member.template, members: [member] };
    const frame = frames.get(key);
    if (frame === undefined) frames.set(key, [cluster]);
    else frame.push(cluster);
  }
  return [...frames.values()];
}

/** The id is that of the most frequent known member, or the one its most frequent new member had all along. */
function patternFrom(
  { template, members }: Cluster<Member>,
  revision: number,
  taken: Set<string>,
): CataloguePattern {
  const count = members.reduce((sum, member) => sum + member.count, 0);
  const known = members.filter((member) => member.known !== null);
  const leader = [...(known.length > 0 ? known : members)].sort(
    (a, b) => b.count - a.count || (a.text < b.text ? -1 : 1),
  )[0]!;
  const since = leader.known?.since ?? revision;
  const id = leader.known?.id ?? freeId(leader.text, taken);
  return { id, gaps: template.gaps, words: template.words, count, since };
}

function freeId(text: string, taken: Set<string>): string {
  let id = idOf(text);
  for (let n = 1; taken.has(id); n++) id = idOf(`${text} ${n}`);
  taken.add(id);
  return id;
}

/** Leads ids retired earlier to the pattern that holds them now. */
function follow(all: Record<string, string>, now: Record<string, string>): Record<string, string> {
  const entries = Object.entries(all).map(([old, id]) => [old, now[id] ?? id] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
