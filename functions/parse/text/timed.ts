/**
 * Lines that begin with a time, a level, or both: the layouts of Log4j, Logback, Spring Boot, Python's logging,
 * zap, hclog, env_logger and their kin, and plain lines with a time. The header goes to fields and labels, the rest is
 * the message.
 */
import {
  addFormat,
  addText,
  addValue,
  type Draft,
  SERVICE_RANK,
  setService,
  setSeverity,
  setTime,
} from '../draft.ts';
import type { ReadTime } from '../time/calendar.ts';
import { readHead } from '../time/head.ts';
import { readHeader } from './header.ts';
import { type Header, newHeader } from './header-part.ts';
import { readFromLevel } from './header-tail.ts';
import { bareLevel, isBlank, markedLevel, messageLevel, setMessage, skipBlanks } from './scan.ts';

/** A line whose first thing is `time`, which began at `start`, behind a bracket where `bracketed`. */
export function readTimed(draft: Draft, text: string, time: ReadTime, bracketed: boolean): boolean {
  if (!bracketed) return takeHeader(draft, text, time, readHeader(text, time.end));
  if (text.charCodeAt(time.end) === 0x5d || text.charCodeAt(time.end) === 0x29) {
    let end = time.end + 1;
    if (text.charCodeAt(end) === 0x3a) end++;
    return takeHeader(draft, text, time, readHeader(text, end));
  }
  return readInside(draft, text, time);
}

/** `[time LEVEL logger] message` of env_logger, Serilog and Celery: the header is inside the bracket. */
function readInside(draft: Draft, text: string, time: ReadTime): boolean {
  const close = text.indexOf(']', time.end);
  if (close < 0 || close - time.end > 200) return false;
  const inner = text.slice(time.end, close).replace(/^[:,]/, '').trim();
  const match = /^([A-Za-z]+)(?:[\s/]+(\S+(?: \S+){0,3}))?$/.exec(inner);
  const severity = match === null ? null : markedLevel(match[1]!);
  const header = newHeader(skipBlanks(text, close + 1));
  if (severity === null) {
    if (!/^[\w.:@/-]{1,80}$/.test(inner)) return false;
    header.thread = inner;
    return takeHeader(draft, text, time, header);
  }
  header.severity = severity;
  header.logger = match?.[2] ?? null;
  header.style = header.logger === null ? 'plain' : inner.includes('/') ? 'python' : 'log4j';
  return takeHeader(draft, text, time, header);
}

/** `LEVEL …`, `[LEVEL] …`, `LEVEL:logger:message`: a time may follow the level. */
export function readLevelFirst(draft: Draft, text: string): boolean {
  const bracketed = text.charCodeAt(0) === 0x5b;
  const start = bracketed ? 1 : 0;
  let end = start;
  while (end < start + 14 && isLevelCode(text.charCodeAt(end))) end++;
  const word = text.slice(start, end);
  const marked = bracketed
    ? closes(text, end)
    : text.charCodeAt(end) === 0x3a || text.charCodeAt(end) === 0x5b;
  const severity = marked ? markedLevel(word) : bareLevel(word);
  if (severity === null || (bracketed && !marked)) return false;
  if (!marked && !isBlank(text.charCodeAt(end))) return false;
  // `Error: something` is how programs say it in prose, and how Node.js prints an exception: the message stays whole.
  const prose = !bracketed && word !== word.toUpperCase() && !/^[a-z]+: [\w.]+\[\d+\]/.test(text);
  if (prose) {
    setSeverity(draft, messageLevel(text) ?? severity);
    setMessage(draft, text, 0);
    return true;
  }
  const level = bracketed ? text.indexOf(']', end) + 1 : end;
  return readBehindLevel(draft, text, level, severity);
}

function readBehindLevel(draft: Draft, text: string, level: number, severity: Header['severity']): boolean {
  const header = newHeader(level);
  header.severity = severity;
  let at = skipBlanks(text, level);
  if (text.charCodeAt(at) === 0x3a && isBlank(text.charCodeAt(at + 1))) at = skipBlanks(text, at + 1);
  const bracketed = text.charCodeAt(at) === 0x5b;
  const time = readHead(text, bracketed ? at + 1 : at, draft.near);
  if (time === null) {
    readFromLevel(text, level, header);
    return takeHeader(draft, text, null, header);
  }
  const end = bracketed && text.charCodeAt(time.end) === 0x5d ? time.end + 1 : time.end;
  const django = DJANGO.exec(text.slice(end, end + 120));
  if (django === null) readFromLevel(text, end, header);
  else {
    header.logger = django[1]!;
    header.pid = Number(django[2]);
    header.tid = Number(django[3]);
    header.style = 'python';
    header.end = end + django[0].length;
  }
  return takeHeader(draft, text, time, header);
}

/** Django's verbose layout: `{levelname} {asctime} {module} {process} {thread} {message}`. */
const DJANGO = /^ ([\w.]+) (\d{1,10}) (\d{1,20}) /;

const isLevelCode = (code: number): boolean =>
  (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);

const closes = (text: string, at: number): boolean => text.charCodeAt(skipBlanks(text, at)) === 0x5d;

const REQUEST =
  /"[A-Z]{3,7} \S{1,2000} HTTP\/[\d.]{1,3}" (?:status: )?([1-5]\d\d)\b(?:.{0,40} time: (\d{1,6}\.\d{1,9})$)?/;

/** A request that a server's own log line tells of: uvicorn, Django, OpenStack. The message keeps it. */
function takeRequest(draft: Draft): void {
  const { entry } = draft;
  const match = REQUEST.exec(entry.message.slice(0, 2500));
  if (match === null) return;
  entry.http_status ??= Number(match[1]);
  if (match[2] !== undefined) entry.latency_ms ??= Math.round(Number(match[2]) * 1e6) / 1e3;
}

/** Puts a header into fields and labels. */
export function takeHeader(draft: Draft, text: string, time: ReadTime | null, header: Header): boolean {
  if (time !== null && !setTime(draft, time, 'text')) addText(draft, 'text_time', text.slice(0, time.end));
  setSeverity(draft, header.severity);
  if (header.thread !== null) addText(draft, 'thread', header.thread);
  if (header.application !== null) {
    addText(draft, 'application', header.application);
    setService(draft, header.application, SERVICE_RANK.application, '');
  }
  if (header.correlation !== null) {
    const [trace, span] = header.correlation.split('-');
    draft.entry.trace_id ??= trace!;
    draft.entry.span_id ??= span!;
  }
  if (header.pid !== null) addValue(draft, 'pid', header.pid);
  if (header.tid !== null) addValue(draft, 'tid', header.tid);
  if (header.logger !== null) addText(draft, 'logger', header.logger);
  if (header.source !== null) addText(draft, 'source', header.source);
  if (header.context.length > 0) addValue(draft, 'context', header.context);
  setMessage(draft, text, header.end);
  if (draft.entry.message.includes('HTTP/')) takeRequest(draft);
  if (header.severity === null) setSeverity(draft, messageLevel(draft.entry.message));
  if (header.style !== 'plain') addFormat(draft, header.style);
  draft.headed = true;
  return true;
}
