/** The second half of a line's header (header.ts): what stands between its level and its message. */
import { COLON, DASH, type Header, LOGGER, MAX_TOKENS, OPEN, PIPE, takeBracket } from './header-part.ts';
import { closingBracket, isBlank, skipBlanks, wholeNumber, wordEnd } from './scan.ts';

/** Words before a colon that begin a message rather than name a logger. */
const PROSE =
  /^(?:error|err|errors|exception|warning|failed|failure|note|caused|cause|reason|usage|details?|status|result|success|unable|message|info|http|https|url|uri|response|request|at|to|from)$|(?:Exception|Error)$/i;

const MODULE = /^ in ([\w.]{1,80}): /;

/** Flask: `ERROR in app: message`. */
function readModule(text: string, from: number, header: Header): number {
  const match = header.logger === null ? MODULE.exec(text.slice(from, from + 100)) : null;
  if (match === null) return from;
  header.logger = match[1]!;
  header.style = 'python';
  return from + match[0].length;
}

/** Reads what stands between the level and the message. */
export function readFromLevel(text: string, from: number, header: Header): void {
  const before = header.thread !== null;
  let at = readModule(text, from, header);
  let token = 0;
  for (; token < MAX_TOKENS; token++) {
    const start = skipBlanks(text, at);
    const gap = start - at;
    const code = text.charCodeAt(start);
    const next = text.charCodeAt(start + 1);
    if (code === DASH && next === DASH) {
      const dashes = wordEnd(text, start) - start;
      if (dashes > 3 || (dashes === 3 && text.charCodeAt(start + 2) !== DASH)) break;
      if (dashes === 3) header.style = 'spring_boot';
      at = start + dashes;
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
  if (header.style === 'spring_boot') arrangeSpring(header);
  if (header.style === 'plain' && (header.logger !== null || header.thread !== null))
    header.style = before ? 'logback' : 'log4j';
}

/** Sleuth's bracket before the process: `[application,trace,span]`. */
const SLEUTH = /^([\w.-]*),([\da-f]{16,32}|),([\da-f]{16}|)(?:,(?:true|false|))?$/;
const CORRELATION = /^[\da-f]{16,32}-[\da-f]{16}$/;

/** Spring Boot's brackets: `[application] [thread] [trace-span]`, of which the first and the last may be missing. */
function arrangeSpring(header: Header): void {
  const brackets = header.context.splice(0);
  const sleuth = SLEUTH.exec(header.thread ?? '');
  if (sleuth !== null) {
    header.application = sleuth[1] === '' ? null : sleuth[1]!;
    if (sleuth[2] !== '') header.correlation = `${sleuth[2]}-${sleuth[3]}`;
  } else if (header.thread !== null) brackets.unshift(header.thread);
  if (CORRELATION.test(brackets.at(-1) ?? '')) header.correlation = brackets.pop()!;
  header.thread = brackets.pop() ?? null;
  header.application ??= brackets.pop() ?? null;
  header.context.push(...brackets);
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
  const behindThread = text.charCodeAt(at - 2) === 0x5d && METHOD.test(word);
  const own =
    header.logger === null &&
    (behindThread || separated || (code === OPEN && dotted) || (columned && gap >= 2));
  if (!own) return -1;
  header.logger = word;
  return end;
}

/** java.util.logging as Tomcat prints it: `[main] org.apache.catalina.startup.Catalina.start Server startup`. */
const METHOD = /^[a-z]\w*(?:\.[\w$]+){3,}$/;

/** `file.go:12`, `src/a/b.rs:7`. */
function isSource(word: string): boolean {
  const colon = word.lastIndexOf(':');
  return colon > 0 && colon < word.length - 1 && /^[\w./@-]+\.\w{1,4}:\d{1,6}$/.test(word);
}
