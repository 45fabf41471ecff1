/**
 * Names of members of JSON records, known by their bytes. Records of one logger have the same names in the same order, so
 * each name remembers which one came behind it: nearly always one comparison of bytes finds the next, and no text is made.
 */
import { FIELD_OF, type Field } from '../fields.ts';

export interface MemberName {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly field: Field | undefined;
  /** The field is an id; or keeps something else than the text that stood there: a time, a number. */
  readonly isId: boolean;
  readonly isRead: boolean;
  /** Records that have the name may have a layout of their own. */
  readonly special: boolean;
  /** Behind it in the last record that had it. */
  next: MemberName | null;
  /** Number of the last record that had it: tells a name that comes twice. */
  seenIn: number;
  /** How many records that begin with it are still left to JSON.parse. */
  pause: number;
}

const IDS: ReadonlySet<Field | undefined> = new Set<Field>([
  ...(['trace_id', 'span_id', 'request_id', 'user_id', 'error_code', 'instance'] as const),
]);
const READ: ReadonlySet<Field | undefined> = new Set<Field>([
  ...(['timestamp', 'severity', 'severity_otel', 'severity_syslog', 'http_status'] as const),
  ...(['latency_ms', 'latency_s', 'latency_us', 'latency_ns', 'latency_text'] as const),
]);

/** Names that only records with a layout of their own have. One look at the names tells most records from those. */
const SPECIAL = new Set(
  (
    'timestamp_source textPayload jsonPayload protoPayload httpRequest resourceLogs body Body log kubernetes ' +
    '@t t short_message name'
  ).split(' '),
);

export const isSpecialName = (name: string): boolean => SPECIAL.has(name);

/** Names kept. A name must be one object all through a record, or it could come twice and not be noticed. */
const MAX_NAMES = 5000;
const MAX_NAME_CHARS = 64;
const names = new Map<string, MemberName>();

/** To be called between records: when as many names are known as are kept, all are forgotten, also what follows `start`. */
export function boundNames(start: MemberName): void {
  if (names.size < MAX_NAMES) return;
  names.clear();
  start.next = null;
}

/** Before the first name of a record. */
export const newStart = (): MemberName => nameOf('');

function nameOf(name: string): MemberName {
  const bytes = Buffer.from(name, 'latin1');
  const field = FIELD_OF.get(name);
  const kinds = { isId: IDS.has(field), isRead: READ.has(field), special: SPECIAL.has(name) };
  return { name, bytes, field, ...kinds, next: null, seenIn: 0, pause: 0 };
}

const QUOTE = 0x22;
const ESCAPE = 0x5c;

/** The name at `at`, behind its quote; null for one that only a full reader of JSON can take. */
export function nameAt(bytes: Buffer, at: number, before: MemberName): MemberName | null {
  const { next } = before;
  if (next !== null && stands(bytes, at, next.bytes)) return next;
  let end = at;
  for (let code = bytes[end]!; code !== QUOTE; code = bytes[++end]!)
    if (!(code >= 0x20 && code !== ESCAPE)) return null;
  // An object has names that are numbers before all others, and a prototype instead of one of that name.
  if ((bytes[at]! >= 0x30 && bytes[at]! <= 0x39) || end - at > MAX_NAME_CHARS) return null;
  const name = bytes.toString('latin1', at, end);
  if (name === '__proto__') return null;
  before.next = knownName(name);
  return before.next;
}

/** Null: no more names are kept. */
function knownName(name: string): MemberName | null {
  const known = names.get(name);
  if (known !== undefined || names.size >= MAX_NAMES) return known ?? null;
  const made = nameOf(name);
  names.set(name, made);
  return made;
}

/** Whether `name` and a quote stand at `at`. */
function stands(bytes: Buffer, at: number, name: Uint8Array): boolean {
  const { length } = name;
  for (let i = 0; i < length; i++) if (bytes[at + i] !== name[i]) return false;
  return bytes[at + length] === QUOTE;
}
