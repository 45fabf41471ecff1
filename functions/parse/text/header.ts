/**
 * What stands between the time of a line and its message: level, thread, process, logger, in the order that the
 * layout of a logging library gives them. Layouts are not known beforehand, so tokens are read one by one until one
 * cannot be of a header. Without a level nothing is taken for a header but what is marked as one, because prose
 * looks like names.
 */
import type { Severity } from '../severity.ts';
import { bareLevel, closingBracket, isBlank, markedLevel, skipBlanks, wholeNumber, wordEnd } from './scan.ts';

export interface Header {
  severity: Severity | null;
  logger: string | null;
  thread: string | null;
  pid: number | null;
  tid: number | null;
  /** File and line that wrote the entry. */
  source: string | null;
  /** Further brackets: request ids, contexts. */
  readonly context: string[];
  /** Where the message begins. */
  end: number;
  /** The token read last was the header's last. */
  complete: boolean;
  style: 'plain' | 'spring_boot' | 'logback' | 'python' | 'ruby' | 'log4j';
}

const MAX_TOKENS = 8;
const DASH = 0x2d;
const PIPE = 0x7c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN = 0x5b;

/** Reads the header that begins at `at`, behind a time; the header may be empty. */
export function readHeader(text: string, at: number): Header {
  const header = newHeader(at);
  const level = readToLevel(text, at, header);
  if (level < 0) return readWithoutLevel(text, at);
  readFromLevel(text, level, header);
  return header;
}

export const newHeader = (end: number): Header => ({
  severity: null,
  logger: null,
  thread: null,
  pid: null,
  tid: null,
  source: null,
  context: [],
  end,
  complete: false,
  style: 'plain',
});

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

const NUMBER = /^\d{1,10}$/;
const PROCESS = /^(?:pid[ :=])? ?(\d{1,10})(?:[:#](?:tid )?(\d{1,20}))?$/;

/** A bracket of a header: process, thread or context. */
function takeBracket(header: Header, inner: string): boolean {
  const text = inner.trim();
  const process = PROCESS.exec(text);
  if (process !== null && header.pid === null) {
    header.pid = Number(process[1]);
    if (process[2] !== undefined) header.tid = Number(process[2]);
  } else if (text !== '') {
    if (header.thread === null && header.severity === null) header.thread = text;
    else header.context.push(text);
  }
  return true;
}

/** A name or a process before the level. Prose is refused: a name has a mark in it or a separator behind it. */
function takeName(text: string, at: number, end: number, header: Header): boolean {
  const word = text.slice(at, end);
  if (NUMBER.test(word)) {
    if (header.pid === null) header.pid = Number(word);
    else if (header.tid === null) header.tid = Number(word);
    else return false;
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

const LOGGER = /^[A-Za-z_$@/][\w.$:/@<>#+~[\]()=,*-]{0,199}$/;
/** Words before a colon that begin a message rather than name a logger. */
const PROSE =
  /^(?:error|err|errors|exception|warning|failed|failure|note|caused|cause|reason|usage|details?|status|result|success|unable|message|info|http|https|url|uri|response|request|at|to|from)$|(?:Exception|Error)$/i;

/** Reads what stands between the level and the message. */
export function readFromLevel(text: string, from: number, header: Header): void {
  const before = header.thread !== null;
  let at = from;
  let token = 0;
  for (; token < MAX_TOKENS; token++) {
    const start = skipBlanks(text, at);
    const gap = start - at;
    const code = text.charCodeAt(start);
    const next = text.charCodeAt(start + 1);
    if (code === DASH && next === DASH) {
      const end = wordEnd(text, start);
      if (end - start === 3) header.style = 'spring_boot';
      at = end;
    } else if (code === DASH && (isBlank(next) || Number.isNaN(next))) {
      at = start + 1;
      break;
    } else if (code === COLON && (isBlank(next) || (token === 0 && gap === 0))) {
      at = readAfterColon(text, start + 1, header, token);
      break;
    } else if (code === PIPE) {
      const end = readPiped(text, start + 1, header);
      at = end;
      if (text.charCodeAt(end) !== PIPE) break;
    } else if (code === OPEN && token < 6) {
      const close = closingBracket(text, start);
      if (close < 0 || !isHeaderBracket(text, close)) break;
      takeBracket(header, text.slice(start + 1, close));
      at = close + 1;
    } else {
      const end = readName(text, start, gap, header);
      if (end < 0) break;
      at = end;
      if (header.complete) break;
    }
  }
  header.end = skipBlanks(text, at);
  if (header.style === 'plain' && (header.logger !== null || header.thread !== null))
    header.style = before ? 'logback' : 'log4j';
}

/** A bracket is of the header when something follows it. */
const isHeaderBracket = (text: string, close: number): boolean => skipBlanks(text, close + 1) < text.length;

/** `LEVEL:name:message` of Python's default layout, or `LEVEL: message`. */
function readAfterColon(text: string, at: number, header: Header, token: number): number {
  if (token > 0 || isBlank(text.charCodeAt(at))) return at;
  const colon = text.indexOf(':', at);
  const name = colon > at && colon - at < 120 ? text.slice(at, colon) : '';
  if (!LOGGER.test(name)) return at;
  header.logger = name;
  header.style = 'python';
  return colon + 1;
}

/** A field between pipes: a name or a number; what has blanks inside is the message. */
function readPiped(text: string, from: number, header: Header): number {
  const pipe = text.indexOf('|', from);
  const dash = text.indexOf(' - ', from);
  const end = pipe >= 0 && (dash < 0 || pipe < dash) ? pipe : dash;
  const field = end < 0 || end - from > 120 ? '' : text.slice(from, end).trim();
  if (field === '' || !LOGGER.test(field) || header.logger !== null) return from;
  header.logger = field;
  if (end === dash) header.style = 'python';
  return end === dash ? dash + 3 : end;
}

/** A name after the level: the index behind it, or −1 where the message begins. */
function readName(text: string, at: number, gap: number, header: Header): number {
  const end = wordEnd(text, at);
  if (end === at) return -1;
  const next = skipBlanks(text, end);
  const code = text.charCodeAt(next);
  const number = wholeNumber(text, at, end);
  if (number >= 0) {
    if (
      header.pid !== null ||
      !(text.startsWith('---', next) || text.startsWith('-- ', next) || code === OPEN)
    )
      return -1;
    header.pid = number;
    return end;
  }
  if (header.logger !== null && header.source !== null) return -1;
  const colon = text.charCodeAt(end - 1) === COLON;
  const word = text.slice(at, colon ? end - 1 : end);
  if (word.length > 200 || !LOGGER.test(word)) return -1;
  if (colon) {
    if (header.logger !== null || PROSE.test(word)) return -1;
    header.logger = word;
    header.complete = true;
    return end;
  }
  if (isSource(word)) {
    header.source ??= word;
    return end;
  }
  const separated =
    (code === DASH && isBlank(text.charCodeAt(next + 1))) ||
    (code === COLON && isBlank(text.charCodeAt(next + 1)));
  const dotted = word.includes('.') || word.includes('::');
  const columned = next - end >= 2 || text.charCodeAt(end) === 0x09;
  const own = header.logger === null && (separated || (code === OPEN && dotted) || (columned && gap >= 2));
  if (!own) return -1;
  header.logger = word;
  return end;
}

/** `file.go:12`, `src/a/b.rs:7`. */
function isSource(word: string): boolean {
  const colon = word.lastIndexOf(':');
  return colon > 0 && colon < word.length - 1 && /^[\w./@-]+\.\w{1,4}:\d{1,6}$/.test(word);
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
