/**
 * Messages with their truth, to train and to test a model with: each template filled as its services would fill it.
 * Templates, not messages, divide training from testing: `usual` texts are what the generator says, `held_out` ones
 * are said nowhere else, so a model that knows the first has not seen the second.
 */
import { Random } from './random.ts';
import type { Saying } from './slots.ts';
import { TEMPLATES, type Template, type TemplateSet } from './templates.ts';
import { KINDS, VOCABULARY } from './vocabulary.ts';

export interface ExampleOptions {
  readonly seed: number;
  readonly set: TemplateSet;
  /** Messages of each template. */
  readonly perTemplate: number;
}

export interface Example {
  readonly message: string;
  readonly template: Template;
}

/** Messages of every template of a set; the same for the same options. */
export function* exampleMessages({ seed, set, perTemplate }: ExampleOptions): Generator<Example> {
  for (const template of TEMPLATES) {
    if (template.set !== set) continue;
    const random = new Random().seed(seed, template.index, 0xe8a);
    for (let i = 0; i < perTemplate; i++) {
      // Escaped as for a line of JSON.
      const message = JSON.parse(`"${template.message(sayingOf(template, random))}"`) as string;
      yield { message, template };
    }
  }
}

function sayingOf({ kind, scope, statuses }: Template, random: Random): Saying {
  const speaker = kind ?? random.pick(KINDS);
  const isRequest = scope === 'request';
  return {
    random,
    words: VOCABULARY[speaker],
    callee: isRequest && random.unit() < 0.4 ? random.pick(KINDS) : '',
    user: `u_${random.zipf(20_000) + 1}`,
    method: random.pick(['GET', 'POST', 'PATCH']),
    path: isRequest
      ? `/v1/${random.pick(['users', 'orders', 'products'])}/${random.between(1000, 99_999)}`
      : '',
    route: '/v1/users/:id',
    status: random.pick(statuses),
    latencyMs: random.between(1, 900),
  };
}
