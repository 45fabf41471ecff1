/**
 * The pattern of a message by its shape alone: template (`<*>` for each variable), parameters and an id that is a
 * hash of the template. What an empty system has, and what names a message that the learned catalogue does not know.
 */
import { hashPair } from './hash.ts';
import { scan } from './scan.ts';
import { newWords, VARIABLE, type Words } from './word-list.ts';

/** Stands for a variable in a template. */
export const PLACEHOLDER = '<*>';

export interface Pattern {
  /** 14 letters and digits. */
  readonly id: string;
  /** The message with `<*>` for each variable. */
  readonly template: string;
  /** What stands for each `<*>`, in order: filled in, they give the message without the white space around it. */
  readonly parameters: readonly string[];
}

const scratch = newWords();

/** The pattern of a message, by its shape alone. */
export function maskedPattern(message: string): Pattern {
  scan(message, scratch);
  const template = templateOf(message, scratch);
  return { id: idOf(template), template, parameters: parametersOf(message, scratch) };
}

/** Id of a template that no catalogue knows. */
export const idOf = (template: string): string => hashPair(template);

/** The template of a scanned message. */
export function templateOf(message: string, words: Words): string {
  let template = '';
  let done = words.from;
  for (let i = 0; i < words.count; i++) {
    if (words.hash[i] !== VARIABLE) continue;
    template += message.slice(done, words.start[i]!) + PLACEHOLDER;
    done = words.end[i]!;
  }
  return template + message.slice(done, words.to);
}

/** What stands at the variables of a scanned message. */
export function parametersOf(message: string, words: Words): string[] {
  const parameters: string[] = [];
  for (let i = 0; i < words.count; i++)
    if (words.hash[i] === VARIABLE) parameters.push(message.slice(words.start[i]!, words.end[i]!));
  return parameters;
}
