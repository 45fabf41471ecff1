/**
 * glog and klog: `I1120 10:00:00.123456    1234 file.go:12] message`; the year is that nearest to the publish time
 * unless the date is written with it. klog's structured messages (`"text" name="value"`) give labels.
 * Source: https://github.com/google/glog#log-line-prefix-format
 */
import { addFormat, addText, addValue, type Draft, setSeverity, setTime } from '../draft.ts';
import { CRITICAL, ERROR, INFO, type Severity, WARNING } from '../severity.ts';
import { readHead } from '../time/head.ts';
import { setMessage } from './scan.ts';

const HEAD =
  /^([IWEF])(\d{4})?(\d{2})(\d{2}) (\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?) +(\d{1,20}) ([^\s:\]]{1,200}:\d{1,7})\] ?/;
const SEVERITY: Readonly<Record<string, Severity>> = { I: INFO, W: WARNING, E: ERROR, F: CRITICAL };

export function readGlog(draft: Draft, text: string): boolean {
  const head = HEAD.exec(text.slice(0, 320));
  if (head === null) return false;
  const [all, level, year, month, day, clock, thread, source] = head;
  const stamp = year === undefined ? `${month}-${day} ${clock}` : `${year}-${month}-${day} ${clock}`;
  const time = readHead(stamp, 0, draft.near);
  if (time === null) return false;
  addFormat(draft, 'glog');
  setTime(draft, time, 'text');
  setSeverity(draft, SEVERITY[level!]!);
  addValue(draft, 'tid', Number.isSafeInteger(Number(thread)) ? Number(thread) : thread);
  addText(draft, 'source', source!);
  setMessage(draft, text, all.length);
  if (draft.entry.message.startsWith('"')) takeStructured(draft);
  draft.headed = true;
  return true;
}

const QUOTED = /^"((?:[^"\\]|\\.)*)"/;
const PAIR = / ([\w./-]{1,80})=("(?:[^"\\]|\\.)*"|[^\s"]+)/y;

function takeStructured(draft: Draft): void {
  const { message } = draft.entry;
  const text = QUOTED.exec(message);
  if (text === null) return;
  const pairs: [string, string][] = [];
  PAIR.lastIndex = text[0].length;
  let end = text[0].length;
  for (let pair = PAIR.exec(message); pair !== null; pair = PAIR.exec(message)) {
    pairs.push([pair[1]!, pair[2]!]);
    end = PAIR.lastIndex;
  }
  const names = new Set(pairs.map(([name]) => name));
  if (end !== message.length || names.size < pairs.length || names.has('tid') || names.has('source')) return;
  for (const [name, value] of pairs) addText(draft, name, value.startsWith('"') ? unquote(value) : value);
  draft.entry.message = unquote(text[0]);
}

const unquote = (text: string): string =>
  text
    .slice(1, -1)
    .replaceAll(/\\(["\\nt])/g, (_, code: string) => (code === 'n' ? '\n' : code === 't' ? '\t' : code));
