/**
 * The pattern of a message by its shape alone: template (`<*>` for each variable), parameters and an id that is a
 * hash of the template. What an empty system has, and what names a message that the learned catalogue does not know.
 */
import { ownText } from '../../own-text.ts';
import { hashOfText, hashPair, type Lanes, nameOf, newLanes, startLanes } from './hash.ts';
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

/** Template and id of a scanned message. */
export interface Shape {
  readonly id: string;
  readonly template: string;
}

/** Shapes kept at hand: their templates need not be built again. */
const MAX_SHAPES = 10_000;

const scratch = newWords();
const shapeOf = createShapes();

/** The pattern of a message, by its shape alone. */
export function maskedPattern(message: string): Pattern {
  scan(message, scratch);
  const { id, template } = shapeOf(message, scratch);
  return { id, template, parameters: parametersOf(message, scratch) };
}

/** The id alone of a message's pattern, by its shape: what the parser needs. */
export function maskedId(message: string): string {
  scan(message, scratch);
  return shapeOf(message, scratch).id;
}

/** Id of a template that no catalogue knows. */
export const idOf = (template: string): string => hashPair(template);

/** Gives scanned messages their template and id; the text of a template seen before is not built again. */
export function createShapes(): (message: string, words: Words) => Shape {
  const shapes = new Map<number, Shape & { readonly second: number }>();
  const lanes = newLanes();
  return (message, words) => {
    hashOfWords(message, words, lanes);
    const found = shapes.get(lanes.first);
    if (found !== undefined && found.second === lanes.second) return found;
    if (shapes.size >= MAX_SHAPES) shapes.clear();
    const shape = { id: nameOf(lanes), template: ownText(templateOf(message, words)), second: lanes.second };
    shapes.set(lanes.first, shape);
    return shape;
  };
}

/** The hash of the template of a scanned message, without building it. */
function hashOfWords(message: string, words: Words, lanes: Lanes): void {
  startLanes(lanes);
  let done = words.from;
  for (let i = 0; i < words.count; i++) {
    if (words.hash[i] !== VARIABLE) continue;
    hashOfText(message, done, words.start[i]!, lanes);
    hashOfText(PLACEHOLDER, 0, PLACEHOLDER.length, lanes);
    done = words.end[i]!;
  }
  hashOfText(message, done, words.to, lanes);
}

function templateOf(message: string, words: Words): string {
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
