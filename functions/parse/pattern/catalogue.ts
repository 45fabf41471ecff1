/**
 * The learned catalogue of patterns: what the scheduled step writes to Cloud Storage and every instance loads. JSON
 * with a checksum; a text that is damaged, of another format or inconsistent is refused whole, with the reason as
 * a value, so that the catalogue in use stays.
 *
 * No two patterns of a catalogue fit the same message, so a match depends on nothing but catalogue and message.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { frameOf, type Template, textOf } from './template.ts';

export interface CataloguePattern extends Template {
  /** Given when the pattern was first learned; stays while the template becomes more general. */
  readonly id: string;
  /** Messages learned from. */
  readonly count: number;
  /** Revision of the catalogue that first had it. */
  readonly since: number;
}

export interface Catalogue {
  /** 1 for the first, one more with each learning. */
  readonly revision: number;
  /** Messages learned from, in all revisions. */
  readonly messages: number;
  /** In order of id. */
  readonly patterns: readonly CataloguePattern[];
  /** Ids of patterns that were merged into another → id of that one. */
  readonly retired: Readonly<Record<string, string>>;
}

export type Decoded = { readonly catalogue: Catalogue } | { readonly refused: string };

const FORMAT = 'logweir-patterns-1';

export const EMPTY: Catalogue = { revision: 0, messages: 0, patterns: [], retired: {} };

const count = z.int().nonnegative();
const id = z.string().regex(/^[0-9a-z]{14}$/);
const pattern = z
  .strictObject({
    id,
    gaps: z.array(z.string()),
    words: z.array(z.string().nullable()),
    count,
    since: count,
  })
  .refine((p) => p.gaps.length === p.words.length + 1, 'gaps do not fit words');
const document = z.strictObject({
  format: z.literal(FORMAT),
  checksum: z.string(),
  revision: count,
  messages: count,
  patterns: z.array(pattern),
  retired: z.record(id, id),
});

/** The catalogue as text: one line of JSON. */
export function encodeCatalogue(catalogue: Catalogue): string {
  const { revision, messages, patterns, retired } = catalogue;
  const body = {
    revision,
    messages,
    patterns: patterns.map((p) => ({
      id: p.id,
      gaps: p.gaps,
      words: p.words,
      count: p.count,
      since: p.since,
    })),
    retired,
  };
  return `${JSON.stringify({ format: FORMAT, checksum: checksumOf(body), ...body })}\n`;
}

/** The catalogue that a text holds, or why it is refused. Never throws. */
export function decodeCatalogue(text: string): Decoded {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { refused: 'not JSON' };
  }
  const read = document.safeParse(value);
  if (!read.success) {
    const issue = read.error.issues[0]!;
    return { refused: `${issue.path.join('.') || 'document'}: ${issue.message}` };
  }
  const { format: _, checksum, ...body } = read.data;
  if (checksum !== checksumOf(body)) return { refused: 'checksum does not fit the content' };
  const fault = faultOf(body);
  return fault === null ? { catalogue: body } : { refused: fault };
}

const checksumOf = (body: Catalogue): string =>
  createHash('sha256')
    .update(
      JSON.stringify([
        body.revision,
        body.messages,
        body.patterns.map(columns),
        Object.entries(body.retired),
      ]),
    )
    .digest('hex');

const columns = (p: CataloguePattern) => [p.id, p.gaps, p.words, p.count, p.since];

function faultOf({ patterns, retired }: Catalogue): string | null {
  const ids = new Set<string>();
  const templates = new Set<string>();
  for (const p of patterns) {
    if (ids.has(p.id)) return `pattern ${p.id} stands twice`;
    ids.add(p.id);
    const key = `${frameOf(p)}${textOf(p)}`;
    if (templates.has(key)) return `the template of pattern ${p.id} stands twice`;
    templates.add(key);
  }
  for (const [old, now] of Object.entries(retired)) {
    if (ids.has(old)) return `pattern ${old} is retired and in use`;
    if (!ids.has(now)) return `pattern ${old} is retired for ${now}, which is none`;
  }
  return null;
}
