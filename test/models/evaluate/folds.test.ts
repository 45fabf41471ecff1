import { describe, expect, it } from 'vitest';
import { foldsOf } from '../../../models/evaluate/messages.ts';
import { createRandom } from '../../../models/graph/random.ts';

const examples = Array.from({ length: 200 }, (_, index) => ({
  text: `line ${index}`,
  template: `template ${index % 23}`,
  label: index % 23 < 4 ? 1 : 0,
}));

describe('folds', () => {
  it('by template never have lines of one template on both sides', () => {
    const folds = foldsOf(examples, { byTemplate: true, folds: 5, random: createRandom(1) });
    const of = new Map<string, Set<number>>();
    for (const [at, { template }] of examples.entries())
      of.set(template, (of.get(template) ?? new Set()).add(folds[at]!));
    expect([...of.values()].every((set) => set.size === 1)).toBe(true);
    expect(new Set(folds).size).toBe(5);
  });

  it('by line have templates on both sides, and each line once', () => {
    const folds = foldsOf(examples, { byTemplate: false, folds: 5, random: createRandom(1) });
    expect(folds).toHaveLength(200);
    const first = examples.flatMap(({ template }, at) => (template === 'template 0' ? [folds[at]] : []));
    expect(new Set(first).size).toBeGreaterThan(1);
  });

  it('have each class in all of them where there is enough of it', () => {
    const folds = foldsOf(examples, { byTemplate: true, folds: 4, random: createRandom(2) });
    for (const label of [0, 1]) {
      const own = new Set(folds.filter((_, at) => examples[at]!.label === label));
      expect(own.size).toBe(4);
    }
  });
});
