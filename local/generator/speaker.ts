/**
 * What a service can say, ready to be said: its choices of templates, its words and the shape of its lines.
 * The choices are shared by all services of a kind.
 */
import type { Random } from './random.ts';
import type { Service } from './services.ts';
import { SHAPES, type Shape } from './shapes.ts';
import {
  type Choice,
  type Choices,
  choicesOf,
  failureChoice,
  type Template,
  type TemplateSet,
} from './templates.ts';
import { CATEGORIES, type Category, type Level } from './texts/text.ts';
import { KINDS, type Kind, VOCABULARY, type Vocabulary } from './vocabulary.ts';

export interface Speaker {
  readonly service: Service;
  readonly words: Vocabulary;
  readonly write: Shape['write'];
  /** Its instances, as its lines name them. */
  readonly sources: readonly string[];
  readonly choices: Choices;
  /** Failures of one category, as incidents cause them. */
  failure(category: Category, level: Level, random: Random): Template;
}

/** Speakers for the services, with the texts of a set. */
export function speakersOf(services: readonly Service[], set: Exclude<TemplateSet, 'novel'>): Speaker[] {
  const byKind = new Map(KINDS.map((kind) => [kind, kindOf(kind, set)]));
  return services.map((service) => {
    const sources = service.instances.map((instance) => SHAPES[service.kind].source(service, instance));
    return { service, sources, ...byKind.get(service.kind)! };
  });
}

function kindOf(kind: Kind, set: Exclude<TemplateSet, 'novel'>): Omit<Speaker, 'service' | 'sources'> {
  const failures = new Map<string, Choice>();
  for (const category of CATEGORIES) {
    if (category === 'normal') continue;
    for (const level of ['warn', 'error', 'critical'] as const) {
      failures.set(category + level, failureChoice(kind, category, level, set));
    }
  }
  return {
    words: VOCABULARY[kind],
    write: SHAPES[kind].write,
    choices: choicesOf(kind, set),
    failure: (category, level, random) => failures.get(category + level)!(random),
  };
}
