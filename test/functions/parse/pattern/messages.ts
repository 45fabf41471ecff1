import fc from 'fast-check';
import type { Pattern } from '../../../../functions/parse/pattern/masked.ts';

/** The message that a template and its parameters give. */
export function fill(pattern: Omit<Pattern, 'id'>): string {
  const pieces = pattern.template.split('<*>');
  return pieces.map((piece, i) => (i === 0 ? piece : `${pattern.parameters[i - 1]}${piece}`)).join('');
}

const alphabet = [
  ...[
    'a',
    'Z',
    '7',
    '0',
    'f',
    'user',
    'for ',
    'Jun ',
    '10.0.0.1',
    'blk_-1',
    'KB',
    'true',
    '<*>',
    '\n',
    'é',
    '😀',
  ],
  ...[
    ' ',
    '  ',
    ',',
    '=',
    ':',
    '::',
    '/',
    '//',
    '\\',
    '.',
    '..',
    '-',
    '"',
    "'",
    '(',
    ')',
    '[]',
    '{',
    '}',
    '@',
    '#',
  ],
];
/** Messages made of what logs are made of, and of what confuses a scanner. */
export const logLike = fc
  .array(fc.constantFrom(...alphabet), { maxLength: 60 })
  .map((parts) => parts.join(''));

/** Messages of few words in few frames: what makes many templates alike. */
export const vocabulary = fc
  .tuple(
    fc.constantFrom('user', 'job', 'Failed', 'copy'),
    fc.constantFrom('ann', 'bob', 'cleo', 'dora', 'emil', 'fay', 'gus', 'hal', 'db-a', 'n.Node', 'x1'),
    fc.constantFrom('from', 'to', 'started', 'lost'),
    fc.constantFrom('ann', 'bob', 'cleo', 'dora', 'emil', 'fay', 'gus', 'hal', '10.0.0.1', ''),
  )
  .map((words) => words.join(' '));
