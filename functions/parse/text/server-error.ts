/** Error logs of nginx and of Apache httpd 2.4 (2.2 has no process and keeps `[client …]` in its message). */
import { addFormat, addText, addValue, type Draft, setSeverity, setTime } from '../draft.ts';
import { severityOfWord } from '../severity.ts';
import type { ReadTime } from '../time/calendar.ts';
import { setMessage, skipBlanks } from './scan.ts';

const NGINX = /^ \[(\w{3,6})\] (\d{1,10})#(\d{1,20}): (?:\*(\d{1,20}) )?/;

/** `2026/11/20 10:00:00 [error] 123#123: *45 message, client: …, server: …, request: "…"`. */
export function readNginxError(draft: Draft, text: string, time: ReadTime): boolean {
  const head = NGINX.exec(text.slice(time.end, time.end + 80));
  const severity = head === null ? null : severityOfWord(head[1]!);
  if (head === null || severity === null) return false;
  addFormat(draft, 'nginx_error');
  setTime(draft, time, 'text');
  setSeverity(draft, severity);
  addValue(draft, 'pid', Number(head[2]));
  addValue(draft, 'tid', Number(head[3]));
  if (head[4] !== undefined) addValue(draft, 'connection', Number(head[4]));
  setMessage(draft, text, time.end + head[0].length);
  takeConnection(draft);
  draft.headed = true;
  return true;
}

const PARTS =
  /, (client|server|request|subrequest|upstream|host|referrer|login): ("(?:[^"\\]|\\.)*"|[^,"]*)/y;

/** The trailing `, name: value` parts become labels. */
function takeConnection(draft: Draft): void {
  const { message } = draft.entry;
  const start = message.search(/, client: /);
  if (start < 0) return;
  const parts: [string, string][] = [];
  PARTS.lastIndex = start;
  let end = start;
  for (let part = PARTS.exec(message); part !== null; part = PARTS.exec(message)) {
    parts.push([part[1]!, part[2]!.startsWith('"') ? part[2]!.slice(1, -1) : part[2]!]);
    end = PARTS.lastIndex;
  }
  // The last parts of an inexact line stay in the message, with all before them.
  if (end !== message.length || new Set(parts.map(([name]) => name)).size < parts.length) return;
  for (const [name, value] of parts) addText(draft, name, value);
  draft.entry.message = message.slice(0, start);
}

const APACHE = /^\] \[(?:([\w-]*):)?(\w{3,6}\d?)\] (?:\[pid (\d{1,10})(?::tid (\d{1,20}))?\] )?/;
const CLIENT = /^((?:\([^)]{1,80}\)\w[^:]{0,120}: )?)\[client ([^\]\s]{1,80})\] ?/;

/** `[time] [module:level] [pid 1:tid 2] [client 1.2.3.4:5] AH00124: message`. */
export function readApacheError(draft: Draft, text: string, time: ReadTime): boolean {
  const head = APACHE.exec(text.slice(time.end, time.end + 120));
  if (head === null || (head[1] === undefined && head[3] === undefined && !isAsctime(text))) return false;
  const severity = severityOfWord(head[2]!.replace(/^trace\d$/, 'trace'));
  if (severity === null) return false;
  addFormat(draft, 'apache_error');
  setTime(draft, time, 'text');
  setSeverity(draft, severity);
  if (head[1] !== undefined && head[1] !== '') addText(draft, 'module', head[1]);
  if (head[3] !== undefined) addValue(draft, 'pid', Number(head[3]));
  if (head[4] !== undefined) addValue(draft, 'tid', Number(head[4]));
  setMessage(draft, text, skipBlanks(text, time.end + head[0].length));
  const client = CLIENT.exec(draft.entry.message.slice(0, 300));
  if (client !== null) {
    addText(draft, 'client', client[2]!);
    if (head[3] !== undefined) draft.entry.message = client[1]! + draft.entry.message.slice(client[0].length);
  }
  draft.headed = true;
  return true;
}

const isAsctime = (text: string): boolean => /^\[[A-Z][a-z]{2} [A-Z][a-z]{2} /.test(text);
