/**
 * Time zones as logs write them: `Z`, offsets, abbreviations, IANA names. An abbreviation that several zones share
 * means the one that most logs mean (CST and EST are American, IST Indian, BST British): see the table. IANA names
 * are asked of Intl once per name and quarter of an hour; at most 600 names are remembered, so that lines of
 * invented zones cost no more than others.
 */
import { digits } from './calendar.ts';

/** A zone's offset east of UTC, in µs, and where its name ends; nothing there: 0 and the start. */
export interface Zone {
  readonly offsetUs: number;
  readonly end: number;
}

const MINUTE_US = 60_000_000;

/** Offsets in minutes. Left out: words that begin messages (GET, CAT, EAT, ART, MET). */
const ABBREVIATIONS: Readonly<Record<string, number>> = {
  UTC: 0,
  GMT: 0,
  UCT: 0,
  WET: 0,
  WEST: 60,
  BST: 60,
  CET: 60,
  CEST: 120,
  MEZ: 60,
  MESZ: 120,
  EET: 120,
  EEST: 180,
  MSK: 180,
  TRT: 180,
  SAST: 120,
  GST: 240,
  PKT: 300,
  IST: 330,
  ICT: 420,
  WIB: 420,
  HKT: 480,
  SGT: 480,
  PHT: 480,
  AWST: 480,
  JST: 540,
  KST: 540,
  ACST: 570,
  ACDT: 630,
  AEST: 600,
  AEDT: 660,
  NZST: 720,
  NZDT: 780,
  BRT: -180,
  NST: -210,
  NDT: -150,
  AST: -240,
  ADT: -180,
  EST: -300,
  EDT: -240,
  CST: -360,
  CDT: -300,
  MST: -420,
  MDT: -360,
  PST: -480,
  PDT: -420,
  AKST: -540,
  AKDT: -480,
  HST: -600,
};

/** Reads a zone at `start`, where one blank may come before it. `localUs`: the time whose zone it is. */
export function readZone(text: string, start: number, localUs: number): Zone {
  const none = { offsetUs: 0, end: start };
  let at = start;
  let code = text.charCodeAt(at);
  if (code === 0x5a || code === 0x7a)
    return isLetter(text.charCodeAt(at + 1)) ? none : { offsetUs: 0, end: at + 1 };
  if (code === 0x20) code = text.charCodeAt(++at);
  // ISO 8601 allows the minus sign for the hyphen.
  if (code === 0x2b || code === 0x2d || code === 0x2212) {
    const offset = readOffset(text, at, code === 0x2b ? 1 : -1);
    return offset === null ? none : { ...offset, end: nameBehind(text, offset.end) };
  }
  if (code === 0x5b) {
    const named = readName(text, at + 1, localUs);
    return named !== null && text.charCodeAt(named.end) === 0x5d ? { ...named, end: named.end + 1 } : none;
  }
  return code >= 0x41 && code <= 0x5a ? (readName(text, at, localUs) ?? none) : none;
}

/** `+hh`, `+hhmm`, `+hh:mm`; a sign and something else (` - message`) is no zone. */
function readOffset(text: string, at: number, sign: number): Zone | null {
  const hour = digits(text, at + 1, 2);
  if (hour < 0 || hour > 15) return null;
  const colon = text.charCodeAt(at + 3) === 0x3a ? 1 : 0;
  const minute = digits(text, at + 3 + colon, 2);
  const end = minute < 0 ? at + 3 : at + 5 + colon;
  if (minute > 59 || (text.charCodeAt(end) >= 0x30 && text.charCodeAt(end) <= 0x39)) return null;
  return { offsetUs: sign * (hour * 60 + Math.max(0, minute)) * MINUTE_US, end };
}

/** End of a zone's abbreviation behind its offset, which says the same: Go's `+0100 CET`; or `at`. */
function nameBehind(text: string, at: number): number {
  if (text.charCodeAt(at) !== 0x20) return at;
  let end = at + 1;
  while (end < at + 6 && isLetter(text.charCodeAt(end))) end++;
  return Object.hasOwn(ABBREVIATIONS, text.slice(at + 1, end)) ? end : at;
}

const isLetter = (code: number): boolean => (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);

function readName(text: string, at: number, localUs: number): Zone | null {
  let end = at;
  while (end < at + 40 && isNameCode(text.charCodeAt(end))) end++;
  const name = text.slice(at, end);
  if (name.length <= 4) {
    const minutes = Object.hasOwn(ABBREVIATIONS, name) ? ABBREVIATIONS[name] : undefined;
    if (minutes === undefined) return null;
    const offset = name === 'UTC' || name === 'GMT' ? signedOffset(text, end) : null;
    return offset ?? { offsetUs: minutes * MINUTE_US, end };
  }
  const offsetUs = ianaOffsetUs(name, localUs);
  return offsetUs === null ? null : { offsetUs, end };
}

/** `UTC+02:00`. */
function signedOffset(text: string, at: number): Zone | null {
  const code = text.charCodeAt(at);
  return code === 0x2b || code === 0x2d ? readOffset(text, at, code === 0x2b ? 1 : -1) : null;
}

const isNameCode = (code: number): boolean => isLetter(code) || code === 0x2f || code === 0x5f;

const REGION =
  /^(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Brazil|Canada|Chile|Etc|Europe|Indian|Mexico|Pacific|US)\/[A-Z]/;
const MAX_ZONES = 600;
const formats = new Map<string, Intl.DateTimeFormat | null>();
let last = { name: '', quarter: Number.NaN, offsetUs: 0 };

function ianaOffsetUs(name: string, localUs: number): number | null {
  if (!REGION.test(name)) return null;
  const quarter = Math.floor(localUs / (15 * MINUTE_US));
  if (last.name === name && last.quarter === quarter) return last.offsetUs;
  const format = zoneFormat(name);
  if (format === null) return null;
  const localMs = localUs / 1000;
  const first = offsetMs(format, localMs);
  const offsetUs = offsetMs(format, localMs - first) * 1000;
  last = { name, quarter, offsetUs };
  return offsetUs;
}

function zoneFormat(name: string): Intl.DateTimeFormat | null {
  const known = formats.get(name);
  if (known !== undefined || formats.size >= MAX_ZONES) return known ?? null;
  let format: Intl.DateTimeFormat | null = null;
  try {
    format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  formats.set(name, format);
  return format;
}

/** `GMT-04:00` of Intl, in ms. */
function offsetMs(format: Intl.DateTimeFormat, utcMs: number): number {
  const match = /GMT([+-])(\d{2}):(\d{2})/.exec(format.format(utcMs));
  return match === null
    ? 0
    : (match[1] === '+' ? 1 : -1) * (Number(match[2]) * 60 + Number(match[3])) * 60_000;
}
