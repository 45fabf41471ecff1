/**
 * PostgreSQL server logs behind the usual prefixes: `%m [%p] `, `%m [%p] %q%u@%d `, `%t [%p]: [%l-1] user=%u,db=%d `
 * and Amazon RDS's `%t:%r:%u@%d:[%p]:`. "duration: 12.3 ms" is the latency, a SQLSTATE the error code.
 * Source: https://www.postgresql.org/docs/current/runtime-config-logging.html
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
import { CRITICAL, DEBUG, EMERGENCY, ERROR, INFO, NOTICE, type Severity, WARNING } from '../severity.ts';
import type { ReadTime } from '../time/calendar.ts';
import { setMessage } from './scan.ts';

const LEVELS: Readonly<Record<string, Severity>> = {
  LOG: INFO,
  INFO,
  NOTICE,
  WARNING,
  ERROR,
  FATAL: CRITICAL,
  PANIC: EMERGENCY,
  DEBUG,
};
/** Lines that belong to the message before them; their severity is told by that one. */
const DETAILS = new Set(['DETAIL', 'HINT', 'STATEMENT', 'CONTEXT', 'QUERY', 'LOCATION']);

const HEAD =
  /^(?::([^\s:]{0,80}):([^\s@:]{0,64})@([^\s:]{0,64}):\[(\d{1,10})\]:| \[(\d{1,10})\]:?(?: \[\d{1,10}(?:-\d+)?\])?(?: (?:user=([^,\s]{0,64}),db=([^,\s]{0,64})(?:,app=([^,]{0,64}?))?(?:,client=([^\s,]{0,64}))?|([^\s@]{1,64})@([^\s@]{1,64})))?) ?(LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC|DEBUG[1-5]?|DETAIL|HINT|STATEMENT|CONTEXT|QUERY|LOCATION): {1,2}(?:([0-9A-Z]{5}): )?/;

export function readPostgresql(draft: Draft, text: string, time: ReadTime): boolean {
  const next = text.charCodeAt(time.end);
  if (next !== 0x3a && !(next === 0x20 && text.charCodeAt(time.end + 1) === 0x5b)) return false;
  const head = HEAD.exec(text.slice(time.end, time.end + 420));
  if (head === null) return false;
  const level = head[12]!;
  addFormat(draft, 'postgresql');
  setTime(draft, time, 'text');
  setSeverity(draft, DETAILS.has(level) ? null : LEVELS[level.replace(/\d$/, '')]!);
  addValue(draft, 'pid', Number(head[4] ?? head[5]));
  takeText(draft, 'client', head[1] ?? head[9]);
  takeText(draft, 'user', head[2] ?? head[6] ?? head[10]);
  takeText(draft, 'database', head[3] ?? head[7] ?? head[11]);
  takeText(draft, 'application_name', head[8]);
  if (DETAILS.has(level)) addText(draft, 'part', level);
  if (head[13] !== undefined && head[13] !== '00000') draft.entry.error_code ??= head[13];
  setService(draft, 'postgresql', SERVICE_RANK.program, '');
  setMessage(draft, text, time.end + head[0].length);
  const duration = /^duration: (\d{1,12}(?:\.\d{1,6})?) ms/.exec(draft.entry.message);
  if (duration !== null) draft.entry.latency_ms ??= Number(duration[1]);
  draft.headed = true;
  return true;
}

function takeText(draft: Draft, name: string, value: string | undefined): void {
  if (value !== undefined && value !== '' && value !== '[unknown]') addText(draft, name, value);
}
