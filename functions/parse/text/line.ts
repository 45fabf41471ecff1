/**
 * A text → fields, labels and message, by the first format that recognises it. The first character decides which are
 * asked; each is asked once and reads a bounded head, so a line costs time linear in its length. A text that none
 * recognises is a message whole.
 */
import { addLabel, addText, type Draft, setSeverity } from '../draft.ts';
import type { ReadTime } from '../time/calendar.ts';
import { isDigit } from '../time/calendar.ts';
import { readHead } from '../time/head.ts';
import { readAccess } from './access.ts';
import { readLogcat, readLogcatBrief, readRas, readStates, timeBehindName } from './cluster.ts';
import { readCri } from './cri.ts';
import type { FormatName } from './format-names.ts';
import { readGlog } from './glog.ts';
import { readHeader } from './header.ts';
import { readLogfmt } from './logfmt.ts';
import { readPostgresql } from './postgresql.ts';
import { readRedis } from './redis.ts';
import { readRuby } from './ruby.ts';
import { messageLevel } from './scan.ts';
import { readApacheError, readNginxError } from './server-error.ts';
import { readBsd, readPri } from './syslog.ts';
import { readLevelFirst, readTimed, takeHeader } from './timed.ts';
import { readEventExport, readEventText, readEventXml } from './windows-event.ts';

/** Reads a text. Where it is a wrapper, returns the text inside, which is to be read next; else null. */
export function readLine(draft: Draft, line: string): string | null {
  const text = line.includes('\u001b') ? withoutColours(draft, line) : line;
  const read = readByStart(draft, text, text.charCodeAt(0));
  if (typeof read === 'string') return read;
  if (!read) {
    draft.entry.message = text;
    setSeverity(draft, messageLevel(text));
  }
  return null;
}

const COLOURS = /\u001b\[[\d;]*m/g;

/** Colours of a terminal hide levels and say nothing; that there were some is kept. */
function withoutColours(draft: Draft, line: string): string {
  const plain = line.replaceAll(COLOURS, '');
  if (plain !== line) addLabel(draft, 'logweir.colours', 'true');
  return plain;
}

/** Whether a format recognised the text; the text inside, where that is a wrapper. */
type Reading = boolean | string;

function readByStart(draft: Draft, text: string, code: number): Reading {
  if (code === 0x5b) return readBracketed(draft, text);
  if (isDigit(code)) return readDigit(draft, text);
  if (code === 0x3c) return readPri(draft, text) || readEventXml(draft, text);
  return readLettered(draft, text);
}

function readBracketed(draft: Draft, text: string): boolean {
  const time = readHead(text, 1, draft.near);
  if (time === null) return readLevelFirst(draft, text) || readRedis(draft, text);
  return readApacheError(draft, text, time) || readTimed(draft, text, time, true);
}

function readDigit(draft: Draft, text: string): Reading {
  const time = readHead(text, 0, draft.near);
  if (time === null) {
    return (
      readAccess(draft, text) ||
      readRedis(draft, text) ||
      readStates(draft, text) ||
      readNamedTime(draft, text)
    );
  }
  const code = text.charCodeAt(time.end);
  if (time.zoned && code === 0x20) {
    const inner = readCri(draft, text, time);
    if (inner !== null) return inner;
    if (readIsoSyslog(draft, text, time)) return true;
  }
  return (
    readLogcat(draft, text, time) ||
    readNginxError(draft, text, time) ||
    readPostgresql(draft, text, time) ||
    readTimed(draft, text, time, false)
  );
}

/** rsyslog's `RSYSLOG_FileFormat`: an ISO time, host and tag. A tag without a process may be a logger instead. */
const ISO_SYSLOG = /^ (?:[\w.-]{1,80} )?[\w./-]{1,60}(\[\d{1,10}\])?: /;

function readIsoSyslog(draft: Draft, text: string, time: ReadTime): boolean {
  const head = text.slice(time.end, time.end + 200);
  const match = ISO_SYSLOG.exec(head);
  if (match === null || (match[1] === undefined && readHeader(head, 0).severity !== null)) return false;
  return readBsd(draft, text, time, false);
}

function readLettered(draft: Draft, text: string): boolean {
  const time = readHead(text, 0, draft.near);
  if (time !== null) return readBsd(draft, text, time, false) || readTimed(draft, text, time, false);
  return (
    readLogfmt(draft, text) ||
    readGlog(draft, text) ||
    readRuby(draft, text) ||
    readEventExport(draft, text) ||
    readEventText(draft, text) ||
    readLogcatBrief(draft, text) ||
    readLevelFirst(draft, text) ||
    readAccess(draft, text) ||
    readRas(draft, text) ||
    readNamedTime(draft, text)
  );
}

/** A name before the time: a file or a host. */
function readNamedTime(draft: Draft, text: string): boolean {
  const found = timeBehindName(draft, text);
  if (found === null) return false;
  addText(draft, 'origin', found.name);
  return takeHeader(draft, text, found.time, readHeader(text, found.time.end));
}

/** Formats by name, for services whose format is set: each reads a whole line or refuses it. */
export const LINE_FORMATS: Readonly<Record<FormatName, (draft: Draft, text: string) => boolean>> = {
  text: () => false,
  logfmt: readLogfmt,
  glog: readGlog,
  ruby: readRuby,
  redis: readRedis,
  access: readAccess,
  windows_event: (draft, text) =>
    readEventExport(draft, text) || readEventText(draft, text) || readEventXml(draft, text),
  syslog: (draft, text) =>
    readPri(draft, text) || timed(draft, text, (time) => readBsd(draft, text, time, true)),
  nginx_error: (draft, text) => timed(draft, text, (time) => readNginxError(draft, text, time)),
  apache_error: (draft, text) => bracketed(draft, text, (time) => readApacheError(draft, text, time)),
  postgresql: (draft, text) => timed(draft, text, (time) => readPostgresql(draft, text, time)),
  logcat: (draft, text) =>
    timed(draft, text, (time) => readLogcat(draft, text, time)) || readLogcatBrief(draft, text),
  log4j: (draft, text) =>
    timed(draft, text, (time) => readTimed(draft, text, time, false)) ||
    bracketed(draft, text, (time) => readTimed(draft, text, time, true)) ||
    readLevelFirst(draft, text),
};

function timed(draft: Draft, text: string, read: (time: ReadTime) => boolean): boolean {
  const time = readHead(text, 0, draft.near);
  return time !== null && read(time);
}

function bracketed(draft: Draft, text: string, read: (time: ReadTime) => boolean): boolean {
  const time = text.charCodeAt(0) === 0x5b ? readHead(text, 1, draft.near) : null;
  return time !== null && read(time);
}
