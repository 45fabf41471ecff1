/** Ruby's Logger: `I, [2026-11-20T10:00:00.123456 #1234]  INFO -- progname: message`. */
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
import { DEFAULT, severityOfWord } from '../severity.ts';
import { readHead } from '../time/head.ts';
import { setMessage } from './scan.ts';

const HEAD =
  /^[DIWEFAU], \[([^\]#]{19,40}?) ?# *(\d{1,10})\] +(DEBUG|INFO|WARN|ERROR|FATAL|ANY|UNKNOWN) -- (.{0,120}?):(?: |$)/;

export function readRuby(draft: Draft, text: string): boolean {
  const head = HEAD.exec(text.slice(0, 240));
  const time = head === null ? null : readHead(head[1]!, 0, draft.near);
  if (head === null || time?.end !== head[1]!.length) return false;
  addFormat(draft, 'ruby');
  setTime(draft, time, 'text');
  setSeverity(draft, severityOfWord(head[3]!) ?? DEFAULT);
  addValue(draft, 'pid', Number(head[2]));
  if (head[4] !== '') {
    addText(draft, 'program', head[4]!);
    setService(draft, head[4]!, SERVICE_RANK.program, '');
  }
  setMessage(draft, text, head[0].length);
  draft.headed = true;
  return true;
}
