/**
 * Messages to learn from and to be measured on, each with its failure category and the template it was made of.
 * Templates are what is split: of the generator's, those it holds out are for the test alone, and a share of the rest
 * for validation.
 */
import { Random as GeneratorRandom } from '../../local/generator/random.ts';
import { TEMPLATES, type Template } from '../../local/generator/templates.ts';
import { CATEGORIES, type Category } from '../../local/generator/texts/text.ts';
import { KINDS, VOCABULARY } from '../../local/generator/vocabulary.ts';
import type { Random } from '../graph/random.ts';
import { fill } from './fill.ts';
import { access } from './phrases/access.ts';
import { connections } from './phrases/connections.ts';
import { machines } from './phrases/machines.ts';
import { normal } from './phrases/normal.ts';
import { programs } from './phrases/programs.ts';

export { CATEGORIES, type Category };

export interface Labelled {
  readonly text: string;
  readonly category: Category;
  /** The text before it was filled; what a split keeps together. */
  readonly template: string;
}

/** Makes messages of one template. */
export interface Source {
  readonly template: string;
  readonly category: Category;
  make(random: Random): string;
}

const METHODS = ['GET', 'POST', 'PATCH'];
const ROUTES = ['/v1/orders', '/v1/users/:id', '/v1/products/:id', '/v1/tokens', '/v1/stock'];
const STATUSES = [200, 201, 204, 400, 404, 409, 422];

function fromGenerator({ text, category, message, kind, statuses }: Template): Source {
  return {
    template: text,
    category,
    make: (random) => {
      const own = new GeneratorRandom().seed(random.below(2 ** 31), random.below(2 ** 31), 0);
      const route = ROUTES[random.below(ROUTES.length)]!;
      const said = message({
        random: own,
        words: VOCABULARY[kind ?? KINDS[random.below(KINDS.length)]!],
        callee: random.next() < 0.3 ? KINDS[random.below(KINDS.length)]! : '',
        user: `u_${random.below(20_000)}`,
        method: METHODS[random.below(METHODS.length)]!,
        path: random.next() < 0.5 ? '' : route.replace(':id', String(random.below(90_000))),
        route,
        status: (category === 'normal' ? STATUSES : statuses)[
          random.below((category === 'normal' ? STATUSES : statuses).length)
        ]!,
        latencyMs: random.below(400) + 1,
      });
      return JSON.parse(`"${said}"`) as string;
    },
  };
}

const PHRASES = [connections, machines, access, programs, normal];

/** Sources from general knowledge of what programs say. */
export const phraseSources = (): Source[] =>
  PHRASES.flatMap((table) =>
    CATEGORIES.flatMap((category) =>
      (table[category] ?? []).map((template) => ({
        template,
        category,
        make: (random: Random) => fill(template, random),
      })),
    ),
  );

/** Sources from the generator's templates of one set. */
export const generatorSources = (set: Template['set']): Source[] =>
  TEMPLATES.filter((template) => template.set === set).map(fromGenerator);

/** All that may be learned from: of the generator's templates, those it does not hold out, and the phrases. */
export const trainingSources = (): Source[] => [...generatorSources('usual'), ...phraseSources()];

/** `count` messages of each source. */
export const messagesOf = (sources: readonly Source[], count: number, random: Random): Labelled[] =>
  sources.flatMap(({ template, category, make }) =>
    Array.from({ length: count }, () => ({ template, category, text: make(random) })),
  );

/** Splits sources, a share of each category's into the second part. */
export function splitSources(
  sources: readonly Source[],
  share: number,
  random: Random,
): [Source[], Source[]] {
  const kept: Source[] = [];
  const held: Source[] = [];
  for (const category of CATEGORIES) {
    const own = sources.filter((source) => source.category === category);
    const order = random.shuffle(own.map((_, index) => index));
    const count = Math.round(own.length * share);
    for (const [place, index] of order.entries()) (place < count ? held : kept).push(own[index]!);
  }
  return [kept, held];
}
