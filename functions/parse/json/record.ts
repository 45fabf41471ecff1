/**
 * A JSON record → draft: the records that have a layout of their own (Cloud Logging, OpenTelemetry, our own printed
 * entries), and everything else by the names of its fields. The wrappers of Docker and of Fluentd on Kubernetes are
 * such records too; that what is inside them is read again is the caller's business.
 */
import type { Failure } from '../../ingest/failure.ts';
import {
  addFormat,
  addLabel,
  addText,
  type Draft,
  hasLabel,
  SERVICE_RANK,
  setService,
  setSeverity,
  setTime,
} from '../draft.ts';
import { isClean } from '../redact/clean-member.ts';
import { INFO, severityOfSyslog, severityOfWord } from '../severity.ts';
import { readUsual } from '../time/value.ts';
import { isCloudLogging, readCloudLogging } from './cloud-logging.ts';
import { isSpecialName } from './member-name.ts';
import { type Members, memberValue, objectOf, PLAIN } from './members.ts';
import { isObject, type JsonObject, readMember, readMembers, takeWeakMessage } from './object.ts';
import { isOpenTelemetry, readOpenTelemetry } from './open-telemetry.ts';
import { isPrintedEntry, readPrintedEntry } from './printed-entry.ts';

export interface JsonSettings {
  readonly maxDepth: number;
  readonly keepIdentity: boolean;
}

/** Reads an object into the draft, or says why it cannot be one. */
export function readRecord(draft: Draft, object: JsonObject, settings: JsonSettings): Failure | null {
  const special = isSpecial(object);
  if (special) {
    if (isPrintedEntry(object)) {
      readPrintedEntry(draft, object, settings.keepIdentity);
      return null;
    }
    if (isCloudLogging(object)) return readCloudLogging(draft, object, settings.maxDepth);
    if (isOpenTelemetry(object)) return readOpenTelemetry(draft, object, settings.maxDepth);
    addFormat(draft, wrapperOf(object) ?? 'json');
    takeBefore(draft, object);
  } else addFormat(draft, 'json');
  const failure = readMembers(draft, object, settings.maxDepth);
  if (failure !== null) return failure;
  if (special || !draft.messageKnown) takeAfter(draft, object);
  return null;
}

function isSpecial(object: JsonObject): boolean {
  for (const name in object) if (isSpecialName(name)) return true;
  return false;
}

/**
 * As `readRecord`, for members that are not special: what nearly all records are. Such a record is no wrapper unless it
 * has no severity.
 */
export function readPlain(draft: Draft, members: Members, settings: JsonSettings): Failure | null {
  addFormat(draft, 'json');
  const { text, offset } = members;
  let weak = -1;
  let clean = true;
  for (let i = 0; i < members.count; i++) {
    const { name, field } = members.names[i]!;
    if (field === 'timestamp' && takeUsualTime(draft, members, i)) continue;
    if (field === undefined && members.values[i] === PLAIN) {
      // It stands there as JSON.
      addLabel(draft, name, text.slice(members.from[i]! - offset - 1, members.to[i]! - offset + 1));
      clean = clean && isClean(members, i, true);
      continue;
    }
    const value = memberValue(members, i);
    if (field === 'message_weak' && weak < 0 && typeof value === 'string') {
      weak = i;
      continue;
    }
    const labels = draft.labelNames.length;
    const failure = readMember(draft, name, field, value, settings.maxDepth);
    if (failure !== null) return failure;
    clean = clean && isClean(members, i, draft.labelNames.length > labels);
  }
  if (weak >= 0) takeWeakMessage(draft, members.names[weak]!.name, memberValue(members, weak));
  draft.clean = clean && weak < 0 && draft.messageKnown && draft.severityKnown;
  if (!draft.messageKnown) takeAfter(draft, objectOf(members));
  return null;
}

/** Reads a time without making a text of it. */
function takeUsualTime(draft: Draft, { names, values, bytes, from, to }: Members, i: number): boolean {
  const time = values[i] === PLAIN ? readUsual(bytes, from[i]!, to[i]!) : null;
  return time !== null && setTime(draft, time, names[i]!.name);
}

/** Docker's json-file driver, Fluentd's and Fluent Bit's Kubernetes records. */
function wrapperOf(object: JsonObject): 'docker' | 'kubernetes' | null {
  if (typeof object.log !== 'string' && typeof object.message !== 'string') return null;
  if (isObject(object.kubernetes)) return 'kubernetes';
  return typeof object.log === 'string' && typeof object.stream === 'string' ? 'docker' : null;
}

/** Levels that mean something else than the same name elsewhere. */
function takeBefore(draft: Draft, object: JsonObject): void {
  // GELF counts as syslog does.
  if (typeof object.short_message === 'string' && typeof object.level === 'number')
    setSeverity(draft, severityOfSyslog(object.level));
  // MongoDB: {"t": {"$date": …}, "s": "I", "c": …, "msg": …}.
  if (typeof object.s === 'string' && isObject(object.t) && '$date' in object.t)
    setSeverity(draft, severityOfWord(object.s));
}

/** What can be told only when all fields are known. */
function takeAfter(draft: Draft, object: JsonObject): void {
  const { name } = object;
  // Bunyan and pino name the application so; elsewhere `name` is a logger.
  if (typeof name === 'string' && typeof object.level === 'number' && typeof object.pid === 'number')
    setService(draft, name, SERVICE_RANK.application, '');
  if ('@t' in object) {
    setSeverity(draft, INFO);
    // Where another field is the message, the template is a label already.
    if (draft.entry.message === object['@mt'] && !hasLabel(draft, '@mt')) renderTemplate(draft, object);
  } else if (!draft.messageKnown) takeErrorMessage(draft, object);
}

const HOLE = /\{[@$]?([A-Za-z_]\w{0,80})(?:,-?\d{1,3})?(?::[^{}]{0,40})?\}/g;

/** Serilog's compact format leaves the template to be rendered; the template stays in labels. */
function renderTemplate(draft: Draft, object: JsonObject): void {
  const template = object['@mt'] as string;
  addText(draft, '@mt', template);
  draft.entry.message = template.replaceAll(HOLE, (hole, name: string) => {
    if (!Object.hasOwn(object, name)) return hole;
    const value = object[name];
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
}

/** A record that has an error but no message has the error's. */
function takeErrorMessage(draft: Draft, object: JsonObject): void {
  for (const name of ['err', 'error', 'exception']) {
    const error = object[name];
    const message = isObject(error) ? error.message : undefined;
    if (typeof message === 'string' && Object.hasOwn(error as object, 'message')) {
      draft.entry.message = message;
      draft.messageKnown = true;
      return;
    }
  }
}
