/**
 * Syslog: RFC 3164 (with or without `<PRI>`, with an ISO time as rsyslog writes it, Mac and Linux variants) and
 * RFC 5424 with structured data, which is kept under `structured_data`. Host → instance, program → service, where
 * nothing surer names it.
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
import { severityOfSyslog } from '../severity.ts';
import type { ReadTime } from '../time/calendar.ts';
import { readHead } from '../time/head.ts';
import { isBlank, messageLevel, setMessage, skipBlanks, wholeNumber, wordEnd } from './scan.ts';
import { readStructuredData } from './structured-data.ts';

const FACILITIES = (
  'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit alert clock local0 local1 local2 ' +
  'local3 local4 local5 local6 local7'
).split(' ');

/** `<PRI>…`: both formats. */
export function readPri(draft: Draft, text: string): boolean {
  const close = text.indexOf('>');
  const pri = close > 0 && close <= 4 ? wholeNumber(text, 1, close) : -1;
  if (pri < 0 || pri > 191) return false;
  if (text.charCodeAt(close + 1) === 0x31 && text.charCodeAt(close + 2) === 0x20) {
    if (read5424(draft, text, close + 3)) return takePri(draft, pri);
  }
  const start = skipBlanks(text, close + 1);
  const time = readHead(text, start, draft.near);
  if (time === null) {
    // No header at all: what many small devices send.
    addFormat(draft, 'syslog_rfc3164');
    takeTag(draft, text, start);
  } else if (!readBsd(draft, text, time, true)) return false;
  return takePri(draft, pri);
}

function takePri(draft: Draft, pri: number): boolean {
  setSeverity(draft, severityOfSyslog(pri & 7));
  addText(draft, 'facility', FACILITIES[pri >> 3]!);
  draft.headed = true;
  return true;
}

/** `TIMESTAMP HOSTNAME APP-NAME PROCID MSGID SD MSG`, each "-" where there is none. */
function read5424(draft: Draft, text: string, start: number): boolean {
  const words: string[] = [];
  let at = start;
  for (let n = 0; n < 5; n++) {
    const end = wordEnd(text, at);
    if (end === at || text.charCodeAt(end) !== 0x20) return false;
    words.push(text.slice(at, end));
    at = end + 1;
  }
  const [stamp, host, app, procid, msgid] = words as [string, string, string, string, string];
  const time = stamp === '-' ? null : readHead(stamp, 0, draft.near);
  if (stamp !== '-' && time?.end !== stamp.length) return false;
  // Heroku leaves the structured data out.
  const data = readStructuredData(text, at) ?? { json: '', end: at };
  addFormat(draft, 'syslog_rfc5424');
  if (time !== null) setTime(draft, time, 'text');
  if (host !== '-') draft.entry.instance ??= host;
  if (app !== '-') {
    addText(draft, 'program', app);
    setService(draft, app, SERVICE_RANK.program, '');
  }
  if (procid !== '-') addValue(draft, 'pid', /^[1-9]\d{0,9}$/.test(procid) ? Number(procid) : procid);
  if (msgid !== '-') addText(draft, 'msgid', msgid);
  if (data.json !== '') draftStructured(draft, data.json);
  const from = text.charCodeAt(data.end) === 0x20 ? data.end + 1 : data.end;
  setMessage(draft, text, text.charCodeAt(from) === 0xfeff ? from + 1 : from);
  draft.origin = `${app}[${procid}]`;
  draft.relayed = true;
  return true;
}

const draftStructured = (draft: Draft, json: string): void =>
  addValue(draft, 'structured_data', JSON.parse(json));

/** What follows a BSD time: `HOST TAG[PID]: MESSAGE`. `sure`: a priority says that it is syslog. */
export function readBsd(draft: Draft, text: string, time: ReadTime, sure: boolean): boolean {
  let at = time.end;
  if (text.charCodeAt(at) === 0x3a) at++;
  if (!isBlank(text.charCodeAt(at))) return false;
  at = skipBlanks(text, at);
  const end = wordEnd(text, at);
  const first = text.slice(at, end);
  const isTag = first.endsWith(':') || /^[\w./()-]+\[\d+\]$/.test(first);
  if (
    !sure &&
    !isTag &&
    tagEnd(text, skipBlanks(text, end)) === null &&
    !REPEATED.test(text.slice(end, end + 30))
  )
    return false;
  addFormat(draft, 'syslog_rfc3164');
  if (!setTime(draft, time, 'text')) addText(draft, 'text_time', text.slice(0, time.end));
  if (!isTag && first !== '') {
    if (draft.entry.instance !== null && draft.entry.instance !== first) addText(draft, 'host', first);
    draft.entry.instance ??= first;
    at = skipBlanks(text, end);
  }
  takeTag(draft, text, at);
  draft.headed = true;
  draft.relayed = true;
  return true;
}

/** syslogd's own lines have no tag. */
const REPEATED = /^ +(?:--+ |last message repeated |message repeated )/;

function takeTag(draft: Draft, text: string, at: number): void {
  const tag = tagEnd(text, at);
  if (tag === null) setMessage(draft, text, at);
  else {
    addText(draft, 'program', tag.program);
    if (tag.pid !== null) addValue(draft, 'pid', tag.pid);
    if (tag.detail !== null) addText(draft, 'program_detail', tag.detail);
    setService(draft, tag.program, SERVICE_RANK.program, '');
    // One blank belongs to the tag; those before the lines of a trace are the message's own.
    const indented = TRACE_INDENT.test(text.slice(tag.end, tag.end + 12));
    setMessage(draft, text, indented ? tag.end + 1 : skipBlanks(text, tag.end));
    draft.origin = `${tag.program}[${tag.pid ?? ''}]`;
  }
  setSeverity(draft, messageLevel(draft.entry.message));
}

const TRACE_INDENT = /^ (?:\t| {4}| +(?:at |File |from |\.\.\. ))/;

interface Tag {
  readonly program: string;
  readonly pid: number | null;
  /** What stands between program and colon: a version, a job. */
  readonly detail: string | null;
  readonly end: number;
}

const TAG =
  /^(?:-- )?([\w./+@#-]+(?:\([\w@.:-]*\))?(?: [A-Z][\w.]*){0,3}?)(?:\[(\d{1,10})\])?(?: (\([^()\s]{1,120}\)|\d[\w.]*))?:(?=\s|$)/;

/** The tag at `at`: letters, a process in brackets, a colon; names of several words only as Macs have them. */
function tagEnd(text: string, at: number): Tag | null {
  const match = TAG.exec(text.slice(at, at + 200));
  if (match === null) return bareTag(text, at);
  return {
    program: match[1]!,
    pid: match[2] === undefined ? null : Number(match[2]),
    detail: match[3] ?? null,
    end: at + match[0].length,
  };
}

/** `prog[123] message`, without a colon, as some daemons write. */
function bareTag(text: string, at: number): Tag | null {
  const match = /^([\w./-]{1,60})\[(\d{1,10})\](?=\s)/.exec(text.slice(at, at + 80));
  return match === null
    ? null
    : { program: match[1]!, pid: Number(match[2]), detail: null, end: at + match[0].length };
}
