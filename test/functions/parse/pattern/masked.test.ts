import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskedPattern } from '../../../../functions/parse/pattern/masked.ts';
import { fill, logLike } from './messages.ts';

type Case = readonly [message: string, template: string, parameters: readonly string[]];

const cases: readonly Case[] = JSON.parse(
  readFileSync(new URL('../../../cases/patterns/masked.json', import.meta.url), 'utf8'),
);

describe('the pattern of a message by its shape', () => {
  it.each(cases)('of %j is %j', (message, template, parameters) => {
    const pattern = maskedPattern(message);
    expect(pattern.template).toBe(template);
    expect(pattern.parameters).toEqual(parameters);
    expect(pattern.id).toMatch(/^[0-9a-z]{14}$/);
  });

  it('is the same for messages that differ in their variables, and another where a word differs', () => {
    const { id } = maskedPattern('order 1 completed');
    expect(maskedPattern('order 77 completed').id).toBe(id);
    expect(maskedPattern('order 1 refused').id).not.toBe(id);
  });

  it('gives the message back when the parameters are filled in', () => {
    const holds = (message: string) => fill(maskedPattern(message)) === message.trim();
    fc.assert(fc.property(logLike, holds), { numRuns: 1000 });
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), holds));
  });

  it('is the same whatever the digits are', () => {
    const other = (message: string) => message.replace(/\d/g, (digit) => String((Number(digit) + 3) % 10));
    const holds = (message: string) => maskedPattern(message).id === maskedPattern(other(message)).id;
    fc.assert(fc.property(logLike, holds), { numRuns: 1000 });
  });

  it('takes the end of a very long message as one variable', () => {
    const message = `disk full: ${'word '.repeat(30_000)}end`;
    const pattern = maskedPattern(message);
    expect(pattern.template.length).toBeLessThan(4200);
    expect(pattern.template.endsWith('<*>')).toBe(true);
    expect(fill(pattern)).toBe(message);
  });
});
