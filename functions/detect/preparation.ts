/**
 * From a window that closed and the notes of those before to what is judged: the row of each service, what is usual for
 * it, its features and those of the windows before. Pure; services that are known and said nothing are there too.
 */
import {
  emptyWindow,
  featuresOf,
  HISTORY,
  SEQUENCE,
  type ServiceWindow,
  type Usual,
  usualOf,
} from '../../models/features.ts';
import type { ServiceStats } from '../service-stats.ts';
import { historyOf, type Note, type WindowNotes } from './notes.ts';
import { type PatternMemory, rememberPatterns } from './pattern-memory.ts';
import { countSigns } from './rules.ts';
import { windowRow } from './window-row.ts';

/** A window as it closed. */
export interface ClosedWindow {
  readonly startMs: number;
  readonly endMs: number;
  readonly revision: number;
  readonly incomplete: boolean;
  readonly backfill: boolean;
  readonly services: ReadonlyMap<string, ServiceStats>;
}

/** A service in a window, its features made. */
export interface Prepared {
  readonly service: string;
  /** null: the service said nothing. */
  readonly stats: ServiceStats | null;
  readonly row: ServiceWindow;
  readonly usual: Usual | null;
  readonly features: readonly number[];
  /** Features of the last windows, this one last. */
  readonly sequence: readonly (readonly number[])[];
  /** Patterns of errors that the service never showed before. */
  readonly fresh: readonly (readonly [patternId: string, entries: number])[];
  readonly signs: number;
}

/** What is known when windows are judged; grows as they are prepared, in order of time. */
export interface Knowledge {
  readonly notes: Map<number, WindowNotes>;
  readonly memories: Map<string, PatternMemory>;
  /** Services whose memory is to be kept. */
  readonly changed: Set<string>;
}

/** Starts of the windows whose notes are needed. */
export function startsBefore(windows: readonly ClosedWindow[]): number[] {
  const starts = new Set<number>();
  for (const { startMs, endMs } of windows)
    for (let i = 1; i <= HISTORY; i++) starts.add(startMs - i * (endMs - startMs));
  return [...starts];
}

/** The notes of the windows before, oldest first. */
export function notesBefore(
  { startMs, endMs }: ClosedWindow,
  notes: ReadonlyMap<number, WindowNotes>,
): WindowNotes[] {
  const sizeMs = endMs - startMs;
  return Array.from({ length: HISTORY }, (_, i) => notes.get(startMs - (HISTORY - i) * sizeMs)).filter(
    (one) => one !== undefined,
  );
}

/** Prepares each service of a window, and notes what the windows after it are compared with. */
export function prepare(window: ClosedWindow, knowledge: Knowledge): Prepared[] {
  const { startMs, endMs, revision, services } = window;
  const before = notesBefore(window, knowledge.notes);
  // A backfill may hold one service alone: that the others say nothing in it tells nothing.
  const silent = window.backfill ? [] : silentServices(before, services);
  const prepared = [
    ...[...services].map(([service, stats]) => prepareOne(startMs, service, stats, { before, ...knowledge })),
    ...silent.map((service) => prepareOne(startMs, service, null, { before, ...knowledge })),
  ];
  const notes = prepared.map(({ service, row, features, signs }): [string, Note] => [
    service,
    { row, features, severity: 'ok', signs },
  ]);
  knowledge.notes.set(startMs, { startMs, endMs, revision, services: new Map(notes) });
  return prepared;
}

/** Services that spoke in one of the windows before. One that said nothing in all of them is gone. */
function silentServices(before: readonly WindowNotes[], spoke: ReadonlyMap<string, unknown>): string[] {
  const seen = new Set<string>();
  for (const { services } of before)
    for (const [service, { row }] of services) if (row.entries > 0 && !spoke.has(service)) seen.add(service);
  return [...seen].sort();
}

function prepareOne(
  startMs: number,
  service: string,
  stats: ServiceStats | null,
  { before, memories, changed }: Knowledge & { readonly before: readonly WindowNotes[] },
): Prepared {
  const remembered =
    stats === null ? null : rememberPatterns(memories.get(service) ?? null, startMs, stats.errorPatterns);
  if (remembered !== null) memories.set(service, remembered.memory);
  if (remembered?.changed) changed.add(service);
  const row = stats === null ? emptyWindow(startMs) : windowRow(stats, startMs, remembered?.newErrors ?? 0);
  const history = historyOf(service, before);
  const usual = usualOf(history.map((note) => note?.row ?? emptyWindow(startMs)));
  const features = [...featuresOf(row, usual)];
  const silence = [...featuresOf(emptyWindow(startMs), usual)];
  return {
    ...{ service, stats, row, usual, features, signs: countSigns(features) },
    sequence: [...history.slice(1 - SEQUENCE).map((note) => note?.features ?? silence), features],
    fresh: remembered?.fresh ?? [],
  };
}
