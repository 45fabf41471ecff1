/**
 * A template under construction: constant words and variables (null) with the constant text around them. Words of
 * two templates can be compared place by place when the text around them is the same (`frame`).
 */
import { PLACEHOLDER } from './masked.ts';
import { VARIABLE, type Words } from './word-list.ts';

export interface Template {
  /** The text before each word, and after the last: one more than there are words. */
  readonly gaps: readonly string[];
  /** Constant words; null for a variable. */
  readonly words: readonly (string | null)[];
}

/** The template of a scanned message. */
export function templateFrom(message: string, words: Words): Template {
  const gaps: string[] = [];
  const constants: (string | null)[] = [];
  let done = words.from;
  for (let i = 0; i < words.count; i++) {
    const start = words.start[i]!;
    gaps.push(message.slice(done, start));
    done = words.end[i]!;
    constants.push(words.hash[i] === VARIABLE ? null : message.slice(start, done));
  }
  gaps.push(message.slice(done, words.to));
  return { gaps, words: constants };
}

/** `Received <*> bytes`. */
export function textOf({ gaps, words }: Template): string {
  let text = gaps[0]!;
  for (let i = 0; i < words.length; i++) text += (words[i] ?? PLACEHOLDER) + gaps[i + 1]!;
  return text;
}

/** What templates share that differ in words alone. */
export const frameOf = (template: Template): string => JSON.stringify(template.gaps);

/** Whether some message fits both templates (of one frame). */
export function overlap(a: Template, b: Template): boolean {
  return a.words.every((word, i) => word === null || b.words[i] === null || word === b.words[i]);
}

/** Whether every message of `b` fits `a` (of one frame). */
export function covers(a: Template, b: Template): boolean {
  return a.words.every((word, i) => word === null || word === b.words[i]);
}
