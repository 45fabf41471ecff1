/**
 * Windows events as text: Event Viewer's and wevtutil's `Name: value` lines, its tab- or comma-separated exports
 * (level, date, source, id, task, text), and event XML.
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
import { CRITICAL, DEBUG, ERROR, INFO, NOTICE, type Severity, severityOfWord, WARNING } from '../severity.ts';
import { readHead } from '../time/head.ts';
import { readFieldTime } from '../time/value.ts';

const NAMES: Readonly<Record<string, string>> = {
  'Log Name': 'log_name',
  Source: 'provider',
  'Event ID': 'event_id',
  'Task Category': 'task',
  Task: 'task',
  Keyword: 'keywords',
  Level: 'level',
  Opcode: 'opcode',
  Keywords: 'keywords',
  User: 'user',
  'User Name': 'user_name',
  Computer: 'computer',
  Date: 'date',
};
const LINE = /^ *([A-Z][A-Za-z ]{2,14}): *(.*)$/;

/** Level of Event Viewer: audits are levels of the Security log. */
function levelOf(text: string): Severity | null {
  if (text === 'Audit Failure' || text === 'Failure Audit') return WARNING;
  if (text === 'Audit Success' || text === 'Success Audit') return NOTICE;
  return severityOfWord(text.trim());
}

/** `Log Name: …` and the lines that follow. */
export function readEventText(draft: Draft, text: string): boolean {
  if (!/^(?:Event\[\d+\]:?\s+)?\s*Log Name: /.test(text.slice(0, 80))) return false;
  addFormat(draft, 'windows_event');
  draft.headed = true;
  const lines = text.split(/\r?\n/);
  let at = 0;
  const seen = new Set<string>();
  const unread: string[] = [];
  for (; at < lines.length && !/^ *Description: *$/.test(lines[at]!); at++) {
    const match = LINE.exec(lines[at]!);
    const description = match?.[1] === 'Description';
    if (description) {
      lines[at] = match![2]!;
      break;
    }
    const name = match === null ? undefined : NAMES[match[1]!.trim()];
    if (name === undefined || seen.has(name)) {
      if (!/^Event\[\d+\]:?$/.test(lines[at]!)) unread.push(lines[at]!);
    } else takeLine(draft, name, match![2]!.trim(), seen);
  }
  const rest = at < lines.length && /^ *Description: *$/.test(lines[at]!) ? at + 1 : at;
  draft.entry.message = [...unread, ...lines.slice(rest)].join('\n').trim();
  draft.messageKnown = true;
  return true;
}

function takeLine(draft: Draft, name: string, value: string, seen: Set<string>): void {
  seen.add(name);
  const time = name === 'date' ? readFieldTime(value, draft.near) : null;
  if (time !== null && setTime(draft, time, 'text')) return;
  if (name === 'level' && setSeverity(draft, levelOf(value))) return;
  if (name === 'keywords' && /Audit Failure/.test(value)) setSeverity(draft, WARNING);
  if (name === 'computer') draft.entry.instance ??= value === '' ? null : value;
  if (name === 'provider') setService(draft, value, SERVICE_RANK.program, '');
  if (name === 'event_id' && /^\d{1,9}$/.test(value)) addValue(draft, name, Number(value));
  else if (value !== '') addText(draft, name, value);
}

const EXPORT =
  /^(Information|Warning|Error|Critical|Verbose|Audit Success|Audit Failure)([\t,])([\d/.-]{8,10},? \d{1,2}:\d{2}:\d{2}(?: [AP]M)?)\2([^\t,]{1,120})\2(\d{1,7})\2([^\t,]{0,120})\2?/;

/** `Error<tab>11/20/2026 10:00:00 AM<tab>Service Control Manager<tab>7031<tab>None<tab>"text"`. */
export function readEventExport(draft: Draft, text: string): boolean {
  const head = EXPORT.exec(text.slice(0, 400));
  const time = head === null ? null : readHead(head[3]!, 0, draft.near);
  if (head === null || time?.end !== head[3]!.length) return false;
  addFormat(draft, 'windows_event');
  setTime(draft, time, 'text');
  setSeverity(draft, levelOf(head[1]!));
  addText(draft, 'provider', head[4]!);
  setService(draft, head[4]!, SERVICE_RANK.program, '');
  addValue(draft, 'event_id', Number(head[5]));
  if (head[6] !== '') addText(draft, 'task', head[6]!);
  const rest = text.slice(head[0].length).trim();
  draft.entry.message =
    rest.length >= 2 && rest.startsWith('"') && rest.endsWith('"')
      ? rest.slice(1, -1).replaceAll('""', '"')
      : rest;
  draft.messageKnown = true;
  draft.headed = true;
  return true;
}

const XML_LEVELS: readonly (Severity | null)[] = [INFO, CRITICAL, ERROR, WARNING, INFO, DEBUG];

/** `<Event xmlns="…/win/2004/08/events/event"><System>…`: the XML stays the message unless a rendered text is in it. */
export function readEventXml(draft: Draft, text: string): boolean {
  if (!text.startsWith('<Event ') && !text.startsWith('<Event>')) return false;
  const system = text.slice(0, 4000);
  const level = /<Level>(\d)<\/Level>/.exec(system)?.[1];
  const time = readFieldTime(/<TimeCreated SystemTime=["']([^"']{19,40})["']/.exec(system)?.[1], draft.near);
  const provider = /<Provider Name=["']([^"']{1,120})["']/.exec(system)?.[1];
  if (time === null || provider === undefined) return false;
  addFormat(draft, 'windows_event');
  setTime(draft, time, 'text');
  setSeverity(draft, level === undefined ? null : (XML_LEVELS[Number(level)] ?? null));
  addText(draft, 'provider', provider);
  setService(draft, provider, SERVICE_RANK.program, '');
  const id = /<EventID[^>]{0,80}>(\d{1,7})<\/EventID>/.exec(system)?.[1];
  if (id !== undefined) addValue(draft, 'event_id', Number(id));
  const channel = /<Channel>([^<]{1,120})<\/Channel>/.exec(system)?.[1];
  if (channel !== undefined) addText(draft, 'log_name', channel);
  draft.entry.instance ??= /<Computer>([^<]{1,120})<\/Computer>/.exec(system)?.[1] ?? null;
  draft.entry.message = text;
  draft.messageKnown = true;
  draft.headed = true;
  return true;
}
