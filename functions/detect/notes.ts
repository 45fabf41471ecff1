/**
 * Keyed state of detection: of each window that closed, what later windows of the same services are compared with. One
 * note per service and window, all notes of a window together, so that windows may close in any order and twice: a
 * window's notes are put under its start, and those of its highest revision stand.
 *
 * A window without notes of anybody is not known (nothing was running, or it closes later) and is passed over; a service
 * without a note in a window that has others said nothing.
 */
import { z } from 'zod';
import { emptyWindow, FEATURES, type ServiceWindow } from '../../models/features.ts';
import { SEVERITIES, type VerdictSeverity } from './verdict.ts';

export interface Note {
  readonly row: ServiceWindow;
  /** The features that the models saw. */
  readonly features: readonly number[];
  readonly severity: VerdictSeverity;
  /** Weak signs of trouble (rules.ts). */
  readonly signs: number;
}

export interface WindowNotes {
  readonly startMs: number;
  readonly endMs: number;
  readonly revision: number;
  readonly services: ReadonlyMap<string, Note>;
}

/** Columns of a row in the order in which they are kept, without the start. */
const COLUMNS = Object.keys(emptyWindow(0)).filter((name) => name !== 'window_start_ms') as readonly Exclude<
  keyof ServiceWindow,
  'window_start_ms'
>[];

/** A part is a Firestore field of at most this many characters. */
const MAX_PART_CHARS = 300_000;
const VERSION = 1;

const services = z.array(
  z.tuple([
    z.string(),
    z
      .int()
      .min(0)
      .max(SEVERITIES.length - 1),
    z.int(),
    z.array(z.number().nullable()).length(COLUMNS.length),
    z.array(z.number()).length(FEATURES.length),
  ]),
);
const part = z.object({ version: z.literal(VERSION), services });

/** The notes of a window as texts, each small enough for a document; at least one. */
export function encodeNotes({ services: notes }: WindowNotes): string[] {
  const parts: string[] = [];
  let texts: string[] = [];
  let chars = 0;
  const flush = (): void => {
    parts.push(`{"version":${VERSION},"services":[${texts.join()}]}`);
    texts = [];
    chars = 0;
  };
  for (const [service, { row, features, severity, signs }] of notes) {
    const text = JSON.stringify([
      service,
      SEVERITIES.indexOf(severity),
      signs,
      COLUMNS.map((name) => row[name]),
      features.map((value) => Number(value.toPrecision(6))),
    ]);
    if (chars > 0 && chars + text.length > MAX_PART_CHARS) flush();
    texts.push(text);
    chars += text.length;
  }
  flush();
  return parts;
}

/** Reads the notes of one part. Throws an Error if it is not what `encodeNotes` wrote. */
export function decodeNotes(text: string, startMs: number): [string, Note][] {
  return part.parse(JSON.parse(text)).services.map(([service, severity, signs, values, features]) => {
    const columns = Object.fromEntries(COLUMNS.map((name, i) => [name, values[i]]));
    const row = { window_start_ms: startMs, ...columns } as ServiceWindow;
    return [service, { row, features, severity: SEVERITIES[severity]!, signs }];
  });
}

/** The notes of a service in the windows before, oldest first: from the first that has one, null where it was silent. */
export function historyOf(service: string, before: readonly WindowNotes[]): (Note | null)[] {
  const notes = before.map(({ services }) => services.get(service) ?? null);
  const first = notes.findIndex((note) => note !== null);
  return first < 0 ? [] : notes.slice(first);
}
