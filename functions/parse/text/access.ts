/**
 * Access logs of nginx and Apache: common, combined, with a virtual host before and times behind. The message is the
 * request line; status ≥ 500 is an ERROR, ≥ 400 a WARNING, else INFO, as Cloud Run's request logs have it.
 *
 * Request time: seconds with a point (nginx `$request_time`), `rt=0.123`, or one whole number behind everything
 * (Apache `%D`, µs).
 */
import { addFormat, addText, addValue, beginLayer, type Draft, setSeverity, setTime } from '../draft.ts';
import { ERROR, INFO, WARNING } from '../severity.ts';
import { readHead } from '../time/head.ts';
import { skipBlanks, wordEnd } from './scan.ts';

const HEAD =
  /^(?:([\w.-]+(?::\d+)?) )?([\da-fA-F:.]{3,45}|[\w.-]+|-) (\S+) ([^[\]"]{1,200}?) \[(\d[^\]]{18,30})\] "/;
/** The usual head, without a virtual host: the user may hold blanks. */
const PLAIN_HEAD = /^()([\da-fA-F:.]{3,45}|[\w.-]+|-) (-) ([^[\]"]{1,200}?) \[(\d[^\]]{18,30})\] "/;
const REQUEST = /^([A-Z][A-Z_-]{1,20}) (\S+)(?: (HTTP\/[\d.]+))?$/;

/** Whether a line can be one: a quote behind a time in brackets; cheap. */
export function readAccess(draft: Draft, text: string): boolean {
  const open = text.indexOf('[');
  if (open < 4 || open > 400 || text.indexOf('] "', open) < 0) return false;
  const start = text.slice(0, open + 40);
  const head = PLAIN_HEAD.exec(start) ?? HEAD.exec(start);
  if (head === null) return false;
  const time = readHead(head[5]!, 0, draft.near);
  const request = readQuoted(text, head[0].length - 1);
  if (time?.end !== head[5]!.length || request === null) return false;
  const status = Number(text.slice(request.end + 1, request.end + 4));
  if (!(status >= 100 && status <= 599) || text.charCodeAt(request.end) !== 0x20) return false;
  setTime(draft, time, 'text');
  const [, vhost, client, ident, user] = head;
  if (vhost !== undefined && vhost !== '') addText(draft, 'vhost', vhost);
  if (client !== '-') addText(draft, 'client_ip', client!);
  if (ident !== '-') addText(draft, 'ident', ident!);
  if (user !== '-') takeUser(draft, user!);
  takeRequest(draft, request.text);
  if (draft.entry.http_status !== null && draft.entry.http_status !== status)
    addValue(draft, 'status', status);
  draft.entry.http_status ??= status;
  setSeverity(draft, status >= 500 ? ERROR : status >= 400 ? WARNING : INFO);
  readTail(draft, text, request.end + 4);
  draft.headed = true;
  return true;
}

function takeUser(draft: Draft, user: string): void {
  if (draft.entry.user_id === null) draft.entry.user_id = user;
  else addText(draft, 'user', user);
}

function takeRequest(draft: Draft, request: string): void {
  const parts = REQUEST.exec(request);
  draft.entry.message = request;
  draft.messageKnown = true;
  if (parts === null) return;
  addText(draft, 'method', parts[1]!);
  addText(draft, 'path', parts[2]!);
  if (parts[3] !== undefined) addText(draft, 'protocol', parts[3]);
}

/** A quoted text at `at`, with `\"` inside it read as `"`. */
function readQuoted(text: string, at: number): { text: string; end: number } | null {
  if (text.charCodeAt(at) !== 0x22) return null;
  let end = text.indexOf('"', at + 1);
  let escaped = false;
  while (end > 0 && backslashes(text, end, at) % 2 === 1) {
    escaped = true;
    end = text.indexOf('"', end + 1);
  }
  if (end < 0) return null;
  const raw = text.slice(at + 1, end);
  return { text: escaped ? raw.replaceAll('\\"', '"') : raw, end: end + 1 };
}

function backslashes(text: string, before: number, from: number): number {
  let count = 0;
  while (before - 1 - count > from && text.charCodeAt(before - 1 - count) === 0x5c) count++;
  return count;
}

/** Bytes, referrer, user agent, and what a configuration adds. */
function readTail(draft: Draft, text: string, from: number): void {
  const plain: string[] = [];
  const texts: string[] = [];
  let at = skipBlanks(text, from);
  const bytesEnd = wordEnd(text, at);
  const bytes = text.slice(at, bytesEnd);
  if (/^\d{1,15}$/.test(bytes)) addValue(draft, 'bytes', Number(bytes));
  else if (bytes !== '-' && bytes !== '') plain.push(bytes);
  at = skipBlanks(text, bytesEnd);
  while (at < text.length) {
    const read = readQuoted(text, at);
    const end = read === null ? wordEnd(text, at) : read.end;
    if (read === null) takeExtra(draft, text.slice(at, end), plain);
    else texts.push(read.text);
    at = skipBlanks(text, end === at ? end + 1 : end);
  }
  takeTexts(draft, texts);
  takeTimes(draft, plain);
}

function takeTexts(draft: Draft, texts: readonly string[]): void {
  addFormat(draft, texts.length >= 2 ? 'access_combined' : 'access_common');
  const [referer, agent, forwarded, ...more] = texts;
  if (referer !== undefined && referer !== '-') addText(draft, 'referer', referer);
  if (agent !== undefined && agent !== '-') addText(draft, 'user_agent', agent);
  if (forwarded !== undefined && forwarded !== '-') addText(draft, 'forwarded_for', forwarded);
  if (more.length > 0) addValue(draft, 'quoted', more);
}

/** `rt=0.123 urt="0.120"`: names for themselves. */
function takeExtra(draft: Draft, word: string, plain: string[]): void {
  const match = /^([A-Za-z_]\w{0,40})="?([^"]*)"?$/.exec(word);
  if (match === null) {
    plain.push(word);
    return;
  }
  beginLayer(draft);
  const [, name, value] = match;
  const seconds = /^\d{1,9}\.\d{1,6}$/.test(value!) ? Number(value) : null;
  if (seconds !== null && /^(?:rt|request_time|time|duration)$/.test(name!))
    draft.entry.latency_ms ??= ms(seconds);
  addText(draft, name!, value!);
}

const ms = (seconds: number): number => Math.round(seconds * 1e6) / 1e3;

function takeTimes(draft: Draft, plain: readonly string[]): void {
  if (plain.length === 0) return;
  const seconds = plain.find((word) => /^\d{1,9}\.\d{1,6}$/.test(word));
  const milliseconds = plain.find((word) => /^\d{1,9}ms$/.test(word));
  const [only] = plain;
  if (seconds !== undefined) draft.entry.latency_ms ??= ms(Number(seconds));
  else if (milliseconds !== undefined) draft.entry.latency_ms ??= Number.parseInt(milliseconds, 10);
  else if (plain.length === 1 && /^\d{1,12}$/.test(only!)) draft.entry.latency_ms ??= Number(only) / 1000;
  addValue(draft, 'extra', plain);
}
