/**
 * Layouts of devices and machines rather than of logging libraries: Android's logcat, the RAS logs of large clusters
 * (alert label, epoch, date, node, …), state tables with an epoch in the fifth column.
 */
import { addFormat, addText, addValue, type Draft, setSeverity, setTime } from '../draft.ts';
import { CRITICAL, DEBUG, ERROR, INFO, type Severity, severityOfWord, WARNING } from '../severity.ts';
import type { ReadTime } from '../time/calendar.ts';
import { readEpoch } from '../time/epoch.ts';
import { readHead } from '../time/head.ts';
import { setMessage, skipBlanks, wordEnd } from './scan.ts';
import { readBsd } from './syslog.ts';

const LOGCAT = /^ +(\d{1,7}) +(\d{1,7}) ([VDIWEFAS]) (.{1,80}?) *: ?/;
const BRIEF = /^([VDIWEF])\/([^\s(:]{1,80})(?:\( *(\d{1,7})\))?: ?/;
const LOGCAT_LEVELS: Readonly<Record<string, Severity>> = {
  V: DEBUG,
  D: DEBUG,
  I: INFO,
  W: WARNING,
  E: ERROR,
  F: CRITICAL,
  A: CRITICAL,
};

/** `11-20 10:00:00.123  1702  2395 D WindowManager: message`. */
export function readLogcat(draft: Draft, text: string, time: ReadTime): boolean {
  const head = LOGCAT.exec(text.slice(time.end, time.end + 140));
  if (head === null) return false;
  setTime(draft, time, 'text');
  addValue(draft, 'pid', Number(head[1]));
  addValue(draft, 'tid', Number(head[2]));
  return takeLogcat(draft, text, { level: head[3]!, tag: head[4]!, end: time.end + head[0].length });
}

/** `D/WindowManager( 1702): message`. */
export function readLogcatBrief(draft: Draft, text: string): boolean {
  const head = BRIEF.exec(text.slice(0, 120));
  if (head === null) return false;
  if (head[3] !== undefined) addValue(draft, 'pid', Number(head[3]));
  return takeLogcat(draft, text, { level: head[1]!, tag: head[2]!, end: head[0].length });
}

function takeLogcat(draft: Draft, text: string, head: { level: string; tag: string; end: number }): boolean {
  addFormat(draft, 'logcat');
  setSeverity(draft, LOGCAT_LEVELS[head.level] ?? null);
  addText(draft, 'logger', head.tag.trim());
  setMessage(draft, text, head.end);
  draft.headed = true;
  return true;
}

const RAS = /^(\S{1,40}) (\d{10}) (\d{4}\.\d{2}\.\d{2}) (\S{1,80}) /;
const RAS_EVENT = /^(\d{4}-\d{2}-\d{2}-[\d.]{8,15}) (\S{1,80}) (\S{1,40}) (\S{1,40}) ([A-Z]{3,10}) ?/;

/** `- 1117838570 2005.06.03 NODE 2005-06-03-15.42.50.675872 NODE RAS KERNEL INFO message`, or a syslog line inside. */
export function readRas(draft: Draft, text: string): boolean {
  const head = RAS.exec(text.slice(0, 200));
  const us = head === null ? null : readEpoch(Number(head[2]));
  if (head === null || us === null) return false;
  const [all, alert, , , node] = head;
  const at = all.length;
  const event = RAS_EVENT.exec(text.slice(at, at + 300));
  const severity = event === null ? null : severityOfWord(event[5]!);
  if (event !== null && severity !== null) {
    addFormat(draft, 'ras');
    setSeverity(draft, severity);
    addText(draft, 'node_time', event[1]!);
    if (event[2] !== node) addText(draft, 'node_repeat', event[2]!);
    addText(draft, 'type', event[3]!);
    addText(draft, 'component', event[4]!);
    setMessage(draft, text, at + event[0].length);
  } else {
    const time = readHead(text, at, draft.near);
    if (time === null) return false;
    addFormat(draft, 'ras');
    setTime(draft, { timestampUs: us, zoned: true }, 'text');
    draft.entry.instance = node!;
    if (!readBsd(draft, text, time, true)) return false;
  }
  // The epoch is the exact time; the others are in the machine's own zone.
  setTime(draft, { timestampUs: us, zoned: true }, 'text');
  if (alert !== '-') addText(draft, 'alert', alert!);
  draft.entry.instance ??= node!;
  draft.headed = true;
  return true;
}

const STATES = /^(\d{1,12}) (\S{1,80}) (\S{1,80}) (\S{1,80}) (\d{10}) (\d{1,10}) /;

/** `134681 node-246 unix.hw state_change.unavailable 1077804742 1 message`. */
export function readStates(draft: Draft, text: string): boolean {
  const head = STATES.exec(text.slice(0, 300));
  const us = head === null ? null : readEpoch(Number(head[5]));
  if (head === null || us === null) return false;
  addFormat(draft, 'ras');
  setTime(draft, { timestampUs: us, zoned: true }, 'text');
  addValue(draft, 'log_id', Number(head[1]));
  draft.entry.instance ??= head[2]!;
  addText(draft, 'component', head[3]!);
  addText(draft, 'state', head[4]!);
  addValue(draft, 'flag', Number(head[6]));
  setMessage(draft, text, head[0].length);
  draft.headed = true;
  return true;
}

/** A file's name before the time, as collectors of many files put it: `nova-api.log.1 2017-05-16 00:00:00.008 …`. */
export function timeBehindName(draft: Draft, text: string): { name: string; time: ReadTime } | null {
  const end = wordEnd(text, 0);
  if (end === 0 || end > 120 || !/[._/\d-]/.test(text.slice(1, end))) return null;
  const at = skipBlanks(text, end);
  const bracketed = text.charCodeAt(at) === 0x5b;
  const code = text.charCodeAt(bracketed ? at + 1 : at);
  if (bracketed || !(code >= 0x30 && code <= 0x39) || at === text.length) return null;
  const time = readHead(text, at, draft.near);
  return time === null || time.end - at < 15 ? null : { name: text.slice(0, end), time };
}
