/**
 * Messages as software of all kinds writes them, by failure category: weak labels from general knowledge of what
 * programs say, beside the truth of the generator. Words in braces are filled in at random (`{name}`, `{n}`, …), so
 * that no name stands for a category. None of it is copied from a log or a data set.
 */
import type { Category } from '../../../local/generator/texts/text.ts';

export type Phrases = Readonly<Partial<Record<Category, readonly string[]>>>;
