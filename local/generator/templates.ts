/**
 * Every text of the generator as a template with an identity, a truth (its failure category) and a compiled
 * message, and for each kind of service the choices it draws from.
 *
 * A service says a part of the failure texts only, some often and some seldom, as services do; all kinds together
 * say all of them. Held-out texts are drawn where they are asked for, and never mixed in otherwise.
 */
import { type Random, scramble, weighted } from './random.ts';
import { compile, type Message } from './slots.ts';
import { authentication, security } from './texts/access.ts';
import { code, configuration, database, dependency, timeout } from './texts/failures.ts';
import { disk, hardware, memory, network, resources } from './texts/infrastructure.ts';
import { normalByKind, normalJobs } from './texts/normal.ts';
import { novelTexts } from './texts/novel.ts';
import { type Category, LEVELS, type Level, type TextTable } from './texts/text.ts';
import { KINDS, type Kind } from './vocabulary.ts';

/** `usual`: printed in the normal course; `held_out`: only where asked for; `novel`: only by an incident. */
export type TemplateSet = 'usual' | 'held_out' | 'novel';

export interface Template {
  /** Place in `TEMPLATES`. */
  readonly index: number;
  /** Text with its slots. */
  readonly text: string;
  readonly category: Category;
  readonly level: Level;
  readonly set: TemplateSet;
  readonly scope: TextTable['scope'];
  /** The kind of service that alone says it; null: any. */
  readonly kind: Kind | null;
  readonly statuses: readonly number[];
  readonly codes: readonly string[];
  readonly message: Message;
}

const FAILURES = [
  network,
  timeout,
  database,
  authentication,
  memory,
  disk,
  configuration,
  dependency,
  resources,
  code,
  hardware,
  security,
];

/** All templates; the order is part of the seed's meaning. */
export const TEMPLATES: readonly Template[] = [
  ...FAILURES.flatMap((table) => templatesOf(table, null)),
  ...KINDS.flatMap((kind) => templatesOf(normalByKind[kind], kind)),
  ...templatesOf(normalJobs, null),
  ...novelTexts.map(
    ({ category, text, code, status }): Omit<Template, 'index'> => ({
      text,
      category,
      level: 'error',
      set: 'novel',
      scope: 'request',
      kind: null,
      statuses: [status],
      codes: [code],
      message: compile(text),
    }),
  ),
].map((template, index) => ({ ...template, index }));

function templatesOf(table: TextTable, kind: Kind | null): Omit<Template, 'index'>[] {
  const { category, scope, statuses, codes } = table;
  return (['usual', 'held_out'] as const).flatMap((set) =>
    LEVELS.flatMap((level) =>
      (table[set === 'usual' ? 'texts' : 'heldOut'][level] ?? []).map((text) => ({
        text,
        category,
        level,
        set,
        scope,
        kind,
        statuses,
        codes,
        message: compile(text),
      })),
    ),
  );
}

export const NOVEL = TEMPLATES.filter((template) => template.set === 'novel');

/** Draws a template. */
export type Choice = (random: Random) => Template;

/** What a kind of service draws from, by scope and level. */
export type Choices = Readonly<Record<TextTable['scope'], Readonly<Record<Level, Choice>>>>;

/** The choices of a kind of service, in its normal course or from the held-out texts. */
export function choicesOf(kind: Kind, set: Exclude<TemplateSet, 'novel'>): Choices {
  const byLevel = (scope: TextTable['scope']): Record<Level, Choice> => ({
    debug: choice(kind, set, scope, 'debug'),
    info: choice(kind, set, scope, 'info'),
    warn: choice(kind, set, scope, 'warn'),
    error: choice(kind, set, scope, 'error'),
    critical: choice(kind, set, scope, 'critical'),
  });
  return { request: byLevel('request'), job: byLevel('job') };
}

/** Draws among the failures of one category that a kind of service says at a level. */
export function failureChoice(
  kind: Kind,
  category: Category,
  level: Level,
  set: Exclude<TemplateSet, 'novel'>,
): Choice {
  const found = TEMPLATES.filter(
    (one) => one.category === category && one.level === level && one.set === set,
  );
  const said = found.filter((one) => isSaidBy(one, kind));
  return draw(said.length > 0 ? said : found, kind);
}

function choice(kind: Kind, set: TemplateSet, scope: TextTable['scope'], level: Level): Choice {
  const found = TEMPLATES.filter(
    (one) => one.scope === scope && one.level === level && one.set === set && isSaidBy(one, kind),
  );
  return draw(found, kind);
}

/** A kind of service says its own texts, and three of five of those that any service may say. */
function isSaidBy({ kind, text, set, level }: Template, asked: Kind): boolean {
  if (kind !== null) return kind === asked;
  if (set !== 'usual' || level === 'critical') return true;
  return (((KINDS.indexOf(asked) + textHash(text)) % 5) + 5) % 5 < 3;
}

/** Some often, some seldom, in an order of the kind's own. */
function draw(templates: readonly Template[], kind: Kind): Choice {
  const salt = KINDS.indexOf(kind) + 1;
  const order = [...templates].sort(
    (a, b) => scramble(textHash(a.text) ^ salt) - scramble(textHash(b.text) ^ salt),
  );
  if (order.length === 0) throw new Error(`no text for ${kind}`);
  const index = weighted(order.map((_, rank) => (rank + 1) ** -0.6));
  return (random) => order[index(random)]!;
}

function textHash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return scramble(hash);
}
