/**
 * Redis server logs: `1234:M 20 Nov 2026 10:00:00.123 * Ready to accept connections`, and `[1234] 20 Nov 10:00:00.123 *`
 * of old versions. Levels: `.` debug, `-` verbose, `*` notice, `#` warning.
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
import { DEBUG, INFO, NOTICE, type Severity, WARNING } from '../severity.ts';
import { readHead } from '../time/head.ts';
import { setMessage } from './scan.ts';

const HEAD = /^(?:(\d{1,10}):([A-Z])|\[(\d{1,10})\]) (?=\d{2} [A-Z][a-z]{2} )/;
const LEVEL = /^ ([.*#-]) /;
const SEVERITY: Readonly<Record<string, Severity>> = { '.': DEBUG, '-': INFO, '*': NOTICE, '#': WARNING };
const ROLES: Readonly<Record<string, string>> = { M: 'master', S: 'replica', C: 'child', X: 'sentinel' };

export function readRedis(draft: Draft, text: string): boolean {
  const head = HEAD.exec(text.slice(0, 40));
  const time = head === null ? null : readHead(text, head[0].length, draft.near);
  const level = time === null ? null : LEVEL.exec(text.slice(time.end, time.end + 3));
  if (head === null || time === null || level === null) return false;
  addFormat(draft, 'redis');
  setTime(draft, time, 'text');
  setSeverity(draft, SEVERITY[level[1]!]!);
  addValue(draft, 'pid', Number(head[1] ?? head[3]));
  if (head[2] !== undefined) addText(draft, 'role', ROLES[head[2]] ?? head[2]);
  setService(draft, 'redis', SERVICE_RANK.program, '');
  setMessage(draft, text, time.end + level[0].length);
  draft.headed = true;
  return true;
}
