/**
 * What stands between the time of a line and its message: level, thread, process, logger, in the order that the
 * layout of a logging library gives them. Layouts are not known beforehand, so tokens are read one by one until one
 * cannot be of a header. Without a level nothing is taken for a header but what is marked as one, because prose
 * looks like names.
 */

import {
  COLON,
  COMMA,
  DASH,
  type Header,
  LOGGER,
  MAX_TOKENS,
  NUMBER,
  newHeader,
  OPEN,
  PIPE,
  takeBracket,
} from './header-part.ts';
import { readFromLevel } from './header-tail.ts';
import { bareLevel, closingBracket, isBlank, markedLevel, skipBlanks, wordEnd } from './scan.ts';

/** Reads the header that begins at `at`, behind a time; the header may be empty. */
export function readHeader(text: string, at: number): Header {
  const header = newHeader(at);
  const level = readToLevel(text, at, header);
  if (level < 0) return readWithoutLevel(text, at);
  readFromLevel(text, level, header);
  return header;
}

/** Reads tokens until a level; the index behind it, or −1: there is none before the message. */
function readToLevel(text: string, from: number, header: Header): number {
  let at = from;
  for (let n = 0; n < MAX_TOKENS; n++) {
    at = skipSeparators(text, at);
    const code = text.charCodeAt(at);
    if (code === OPEN) {
      const close = closingBracket(text, at);
      if (close < 0) return -1;
      const inner = text.slice(at + 1, close);
      const severity = markedLevel(inner);
      at = close + 1;
      if (severity !== null) {
        header.severity = severity;
        return at;
      }
      if (!takeBracket(header, inner)) return -1;
      continue;
    }
    if (code === 0x7b) {
      const close = text.indexOf('}', at);
      if (close < 0 || close - at > 120) return -1;
      header.source = text.slice(at + 1, close);
      at = close + 1;
      continue;
    }
    const end = tokenEnd(text, at);
    if (end === at) return -1;
    const after = readLevelWord(text, at, end, header);
    if (after >= 0) return after;
    if (!takeName(text, at, end, header)) return -1;
    at = end;
  }
  return -1;
}

/** Level at [at, end)? The index behind it and its mark, or −1. */
function readLevelWord(text: string, at: number, end: number, header: Header): number {
  const word = text.slice(at, end);
  const next = text.charCodeAt(end);
  let severity = bareLevel(word);
  const columned =
    next === 0x09 || next === PIPE || next === COLON || (next === 0x20 && isBlank(text.charCodeAt(end + 1)));
  const before = text.charCodeAt(at - 1);
  if (severity === null && (columned || before === 0x09 || before === PIPE)) severity = markedLevel(word);
  if (severity === null) return -1;
  header.severity = severity;
  return end;
}

/** End of a word; a pipe, a tab or a colon before a blank or an end ends it too. */
function tokenEnd(text: string, at: number): number {
  const end = wordEnd(text, at);
  for (let i = at; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === PIPE) return i;
    if (code === COLON && (i + 1 === end || bareLevel(text.slice(at, i)) !== null)) return i;
    if (code === OPEN && i > at && bareLevel(text.slice(at, i)) !== null) return i;
    if (code === COMMA && i + 1 === end) return i;
  }
  return end;
}

function skipSeparators(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    const next = text.charCodeAt(at + 1);
    if (isBlank(code) || code === PIPE || code === COMMA) at++;
    else if (code === DASH && (isBlank(next) || next === DASH)) at++;
    else if (code === COLON && (isBlank(next) || next === COLON)) at++;
    else return at;
  }
}

/** `tid=gn`, before Sidekiq's level. */
const PAIR = /^[a-z]\w{0,20}=[\w.:-]{1,120}$/;

/** A name or a process before the level. Prose is refused: a name has a mark in it or a separator behind it. */
function takeName(text: string, at: number, end: number, header: Header): boolean {
  const word = text.slice(at, end);
  if (NUMBER.test(word)) {
    if (header.pid === null) header.pid = Number(word);
    else if (header.tid === null) header.tid = Number(word);
    else return false;
    return true;
  }
  if (PAIR.test(word)) {
    header.context.push(word);
    return true;
  }
  if (!LOGGER.test(word) || header.logger !== null) return false;
  const next = skipBlanks(text, end);
  const code = text.charCodeAt(next);
  const separated = code === DASH || code === PIPE || code === COLON;
  if (!separated && !/[._$/:@\d-]/.test(word.slice(0, -1))) return false;
  header.logger = word;
  if (code === DASH) header.style = 'python';
  return true;
}

/** A line with a time but no level: `name - message` of a program is the only header there is. */
function readWithoutLevel(text: string, from: number): Header {
  const at = skipSeparators(text, from);
  const header = newHeader(at);
  const piped = text.charCodeAt(from) === PIPE;
  if (piped) return readPipedRecord(text, from, header);
  const end = wordEnd(text, at);
  const suffix = text.startsWith(' *64', end) ? 4 : 0;
  if (!text.startsWith(' - ', end + suffix) || !/^[A-Za-z_][\w.$:/@[\]-]{0,79}$/.test(text.slice(at, end)))
    return header;
  header.logger = text.slice(at, end + suffix);
  header.end = skipBlanks(text, end + suffix + 3);
  return header;
}

/** `time|component|pid|message`: a name and a number between pipes, then the message. */
function readPipedRecord(text: string, from: number, header: Header): Header {
  let at = from;
  for (let n = 0; n < 3 && text.charCodeAt(at) === PIPE; n++) {
    const pipe = text.indexOf('|', at + 1);
    if (pipe < 0) break;
    const field = text.slice(at + 1, pipe).trim();
    if (NUMBER.test(field) && header.pid === null) header.pid = Number(field);
    else if (header.logger === null && header.pid === null && LOGGER.test(field)) header.logger = field;
    else break;
    at = pipe;
  }
  // Blanks behind the last pipe are the message's own.
  header.end = text.charCodeAt(at) === PIPE ? at + 1 : at;
  return header;
}
