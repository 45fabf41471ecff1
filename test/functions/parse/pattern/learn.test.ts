import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Catalogue, EMPTY } from '../../../../functions/parse/pattern/catalogue.ts';
import { learn } from '../../../../functions/parse/pattern/learn.ts';
import { maskedId, maskedPattern } from '../../../../functions/parse/pattern/masked.ts';
import { createMatcher } from '../../../../functions/parse/pattern/matcher.ts';
import { textOf } from '../../../../functions/parse/pattern/template.ts';
import { fill, logLike, vocabulary } from './messages.ts';

const NAMES = ['ann', 'bob', 'cleo', 'dora', 'emil', 'fay', 'gus', 'hal', 'ida', 'jon'];
const logins = (names: readonly string[]) =>
  names.map((name) => `Failed password for ${name} from 10.0.0.1 port 22`);
const templates = (catalogue: Catalogue) => catalogue.patterns.map(textOf).sort();

/** Where an id of an earlier catalogue lives now. */
const nowOf = (catalogue: Catalogue, id: string) => catalogue.retired[id] ?? id;

describe('learning patterns', () => {
  it('finds that a word which is often another one is a variable', () => {
    expect(templates(learn(logins(NAMES)))).toEqual(['Failed password for <*> from <*> port <*>']);
  });

  it('keeps events apart that differ in one word of few', () => {
    const messages = ['opened', 'closed', 'reset'].map((word) => `session ${word} for user ann by (uid=0)`);
    expect(templates(learn(messages))).toHaveLength(3);
  });

  it('keeps a few states apart after an equals sign', () => {
    const messages = ['up', 'down', 'dormant'].map(
      (state) => `interface eth0 changed state=${state} after 3 s`,
    );
    expect(templates(learn([...messages, ...messages]))).toHaveLength(3);
  });

  it('takes two places at once for variables when both change', () => {
    const messages = NAMES.map(
      (name, i) => `copied volume ${name} to pool ${NAMES[9 - i]}ville without errors`,
    );
    expect(templates(learn(messages))).toEqual(['copied volume <*> to pool <*> without errors']);
  });

  it('takes a word for a value where other messages have a number', () => {
    const messages = ['7', '12', 'unknown'].map((size) => `the queue of mails has size ${size}`);
    expect(templates(learn(messages))).toEqual(['the queue of mails has size <*>']);
  });

  it('takes one second and two seconds for the same', () => {
    const messages = ['0 retries', '2 retries'].map((n) => `gave up after ${n}`);
    expect(templates(learn([...messages, 'slept 1 second', 'slept 5 seconds']))).toEqual([
      'gave up after <*> retries',
      'slept <*> <*>',
    ]);
  });

  it('learns the names at the start of a long sentence, but not the first words of short ones', () => {
    const long = NAMES.map((name) => `${name} has changed the plan of the customer to another one`);
    const short = NAMES.map((name) => `${name} startup succeeded`);
    expect(learn(long).patterns).toHaveLength(1);
    expect(learn(short).patterns).toHaveLength(10);
  });

  it('takes many different messages in a time that grows with their number', () => {
    const name = (i: number) => `n${String.fromCharCode(97 + (i % 26), 97 + ((i / 26) % 26))}`;
    const messages = Array.from(
      { length: 20_000 },
      (_, i) => `${name(i % 97)} the volume ${name(i % 311)} on ${name(i % 41)} now`,
    );
    expect(learn(messages).patterns).toHaveLength(1);
  });

  it('says the same whatever the order of the samples', () => {
    const messages = fc.array(fc.oneof(vocabulary, logLike), { maxLength: 60 });
    const holds = ([one, other]: [string[], string[]]): void => {
      expect(learn(other)).toEqual(learn(one));
    };
    const twice = messages.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    fc.assert(fc.property(twice, holds), { numRuns: 200 });
  });

  it('gives a pattern the id that its most frequent message had before', () => {
    const messages = [...logins(NAMES), ...logins(['cleo'])];
    expect(learn(messages).patterns[0]!.id).toBe(maskedPattern(logins(['cleo'])[0]!).id);
  });
});

describe('learning more', () => {
  it('keeps the id of a pattern that becomes more general', () => {
    const first = learn(logins(['ann', 'ann', 'bob']));
    const second = learn(logins(NAMES), first);
    const ann = createMatcher(first)(logins(['ann'])[0]!).id;
    expect(templates(second)).toEqual(['Failed password for <*> from <*> port <*>']);
    expect(second.patterns[0]!.id).toBe(ann);
    expect(second.retired).toEqual({ [createMatcher(first)(logins(['bob'])[0]!).id]: ann });
    expect(second.patterns[0]).toMatchObject({ count: 13, since: 1 });
    expect(second).toMatchObject({ revision: 2, messages: 13 });
  });

  it('never forgets an id, nor moves a message to another one that its own was not merged into', () => {
    const batch = fc.array(fc.oneof(vocabulary, logLike), { maxLength: 40 });
    const holds = (batches: readonly string[][]) => {
      let catalogue = EMPTY;
      const ids = new Map<string, string>();
      for (const messages of batches) {
        catalogue = learn(messages, catalogue);
        const match = createMatcher(catalogue);
        for (const [message, id] of ids) expect(match(message).id).toBe(nowOf(catalogue, id));
        for (const message of messages) ids.set(message, match(message).id);
      }
    };
    fc.assert(fc.property(fc.array(batch, { maxLength: 5 }), holds), { numRuns: 200 });
  });

  it('changes nothing but counts when nothing new comes', () => {
    const first = learn(logins(NAMES));
    const second = learn(logins(['zoe']), first);
    expect(templates(second)).toEqual(templates(first));
    expect(second.patterns[0]!.id).toBe(first.patterns[0]!.id);
    expect(second.patterns[0]!.count).toBe(11);
  });
});

describe('matching against what was learned', () => {
  it('knows each message it learned from, and its parameters give the message back', () => {
    const messages = fc.array(fc.oneof(vocabulary, logLike), { maxLength: 60 });
    const holds = (list: readonly string[]) => {
      const match = createMatcher(learn(list));
      for (const message of list) {
        const found = match(message);
        expect(found.known).toBe(true);
        expect(fill(found)).toBe(message.trim());
      }
    };
    fc.assert(fc.property(messages, holds), { numRuns: 200 });
  });

  it('marks what it does not know as new, with the id that every instance gives it', () => {
    const match = createMatcher(learn(logins(NAMES)));
    const message = 'Disk sda1 is full';
    expect(match(message)).toEqual({ ...maskedPattern(message), known: false, rare: false });
    expect(match('Failed password for zoe from 10.9.9.9 port 1').known).toBe(true);
  });

  it('learns one pattern where quotes hold now one word, now several', () => {
    const units = ['nginx', 'My Cool Service', 'ann', 'Daily Cleanup of Temporary Directories', 'b.service'];
    const { patterns } = learn(units.map((unit) => `Failed to start unit "${unit}" on the first try`));
    expect(patterns.map(textOf)).toEqual(['Failed to start unit "<*>" on the first try']);
  });

  it('gives the id alone as it gives it with the whole pattern, known or not', () => {
    const match = createMatcher(learn(logins(NAMES)));
    for (const message of [...logins(['zoe']), 'Disk sda1 is full', ''])
      expect(match.id(message)).toBe(match(message).id);
    expect(maskedId('Disk sda1 is full')).toBe(maskedPattern('Disk sda1 is full').id);
  });

  it('marks a pattern as rare that was seen once or twice', () => {
    const match = createMatcher(learn([...logins(NAMES), 'Disk sda1 is full']));
    expect(match('Disk sdb2 is full').rare).toBe(true);
    expect(match(logins(['ann'])[0]!).rare).toBe(false);
  });

  it('tells messages apart that differ in white space alone', () => {
    const match = createMatcher(learn(['disk  is full', 'disk is full']));
    expect(match('disk is full').id).not.toBe(match('disk  is full').id);
  });
});
