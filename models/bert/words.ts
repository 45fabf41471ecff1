/**
 * A log message as words: what varies from line to line becomes one of a few placeholders, compound names fall apart
 * into their words (`OutOfMemoryError` → out of memory error, `DEADLINE_EXCEEDED` → deadline exceeded), all in lower
 * case. Pure; linear in the length of the message, of which `MAX_CHARACTERS` are read.
 */

/** Characters of a message that are read. */
export const MAX_CHARACTERS = 2000;

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, ' <id> '],
  [/\b(?:https?|wss?|ftp|jdbc|amqp|grpc|redis|mongodb|postgres(?:ql)?|mysql):[^\s"'<>]+/gi, ' <url> '],
  [/\b\d{1,3}(?:\.\d{1,3}){3}\b(?::\d+)?/g, ' <ip> '],
  [/\b0x[0-9a-f]+\b/gi, ' <hex> '],
  [/\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{6,}\b/gi, ' <hex> '],
  [/(^|[\s"'(=:])(?:\/[\w.@+-]+){2,}\/?/g, '$1 <path> '],
  [/\d+(?:[.,]\d+)*/g, ' <n> '],
];

const WORD = /<\w+>|[a-z]+|[^\sa-z0-9]/g;

/** The words, placeholders and punctuation marks of a message. */
export function wordsOf(message: string): string[] {
  let text = message.slice(0, MAX_CHARACTERS);
  for (const [pattern, placeholder] of PATTERNS) text = text.replace(pattern, placeholder);
  text = text
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .replace(/_+/g, ' ')
    .toLowerCase();
  return text.match(WORD) ?? [];
}
