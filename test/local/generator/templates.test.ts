import { describe, expect, it } from 'vitest';
import { exampleMessages } from '../../../local/generator/examples.ts';
import { Random } from '../../../local/generator/random.ts';
import { compile } from '../../../local/generator/slots.ts';
import { choicesOf, TEMPLATES, type Template } from '../../../local/generator/templates.ts';
import { CATEGORIES, LEVELS } from '../../../local/generator/texts/text.ts';
import { KINDS } from '../../../local/generator/vocabulary.ts';

const FAILURES = CATEGORIES.filter((category) => category !== 'normal');
const of = (category: string, set: string): Template[] =>
  TEMPLATES.filter((template) => template.category === category && template.set === set);

describe('the templates', () => {
  it('say each text once, so that nothing held out is in use', () => {
    const texts = TEMPLATES.map(({ text }) => text);
    expect(new Set(texts).size).toBe(texts.length);
  });

  it.each(FAILURES)('have enough of %s to learn from, and to test with', (category) => {
    expect(of(category, 'usual').length).toBeGreaterThanOrEqual(15);
    expect(of(category, 'held_out').length).toBeGreaterThanOrEqual(8);
  });

  it('have what is normal, in use and held out', () => {
    expect(of('normal', 'usual').length).toBeGreaterThan(60);
    expect(of('normal', 'held_out').length).toBeGreaterThan(20);
  });

  it('are all said by some kind of service, and each kind by itself says no more than some', () => {
    const random = new Random().seed(1, 2);
    const said = new Set<Template>();
    for (const kind of KINDS) {
      const own = new Set<Template>();
      const choices = choicesOf(kind, 'usual');
      for (const scope of ['request', 'job'] as const) {
        for (const level of LEVELS) {
          for (let i = 0; i < 3000; i++) own.add(choices[scope][level](random));
        }
      }
      expect(own.size).toBeLessThan(TEMPLATES.length / 2);
      for (const template of own) said.add(template);
    }
    const usual = TEMPLATES.filter(({ set }) => set === 'usual');
    expect(usual.filter((template) => !said.has(template)).map(({ text }) => text)).toEqual([]);
  });

  it('with a slot that is none are refused', () => {
    expect(() => compile('took {parsecs}')).toThrow('"took {parsecs}" has an unknown slot {parsecs}');
  });
});

describe('example messages', () => {
  const examples = [...exampleMessages({ seed: 3, set: 'usual', perTemplate: 5 })];

  it('are filled, and the same for the same seed', () => {
    expect(examples.filter(({ message }) => /\{\w+\}|NaN/.test(message) || message.length < 8)).toEqual([]);
    const again = [...exampleMessages({ seed: 3, set: 'usual', perTemplate: 5 })];
    expect(again.map(({ message }) => message)).toEqual(examples.map(({ message }) => message));
    const other = [...exampleMessages({ seed: 4, set: 'usual', perTemplate: 5 })];
    expect(other.map(({ message }) => message)).not.toEqual(examples.map(({ message }) => message));
  });

  it('differ within a template', () => {
    const byTemplate = new Map<Template, Set<string>>();
    for (const { template, message } of examples) {
      byTemplate.set(template, (byTemplate.get(template) ?? new Set()).add(message));
    }
    const varied = [...byTemplate.values()].filter((messages) => messages.size > 1);
    expect(varied.length / byTemplate.size).toBeGreaterThan(0.95);
  });
});
