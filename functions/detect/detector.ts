/**
 * Windows that closed → a judgement for each service of each: features from the row and from keyed state, rules, one
 * call of the models for all services of all windows of a firing, one verdict.
 *
 * Guarantee: takes no longer than the store and the models' deadline; without the models rules and baselines decide, and
 * the judgement says so. Judging a window again, with the same or another revision, gives judgements of the same
 * identity; what was known when it was judged may have grown meanwhile.
 * Under pressure: windows of one firing share reads and the call.
 */

import { categoriesOf, type NameCache } from './category.ts';
import { withoutEchoes } from './echo.ts';
import { type Judgement, judge } from './judgement.ts';
import type { WindowsAnswer } from './model-answer.ts';
import type { ModelClient } from './model-client.ts';
import { historyOf, type Note } from './notes.ts';
import { withCategories } from './pattern-memory.ts';
import {
  type ClosedWindow,
  type Knowledge,
  notesBefore,
  type Prepared,
  prepare,
  startsBefore,
} from './preparation.ts';
import { applyRules, type RuleSettings } from './rules.ts';
import type { DetectStore } from './store.ts';
import { silentWindows } from './total-silence.ts';

export interface DetectorSettings extends RuleSettings {
  /** Verdicts that are ok are told so long after one that was not. */
  readonly recoveryMs: number;
}

export interface DetectorOptions {
  readonly job: string;
  readonly store: DetectStore;
  /** null: rules and baselines decide alone. */
  readonly models: ModelClient | null;
  readonly settings: DetectorSettings;
}

export interface Judged {
  /** One for each service that spoke, and for each known one that did not. */
  readonly judgements: readonly Judgement[];
  /** Keeps what later windows are compared with. */
  readonly keep: () => Promise<void>;
}

export interface Detector {
  judge(windows: readonly ClosedWindow[]): Promise<Judged>;
  /** Windows up to this one in which nobody at all said anything (total-silence.ts), to be judged; mostly none. */
  silentUpTo(window: Pick<ClosedWindow, 'startMs' | 'endMs'>): Promise<readonly ClosedWindow[]>;
}

export function createDetector(options: DetectorOptions): Detector {
  const { store, models } = options;
  const names: NameCache = new Map();
  return {
    silentUpTo: (window) => silentWindows(window, store, options.settings.silenceMs),
    async judge(closed) {
      const windows = [...closed].sort((a, b) => a.startMs - b.startMs);
      const [notes, memories] = await Promise.all([
        store.notesOf(startsBefore(windows)),
        store.memoriesOf([...new Set(windows.flatMap(({ services }) => [...services.keys()]))]),
      ]);
      const knowledge: Knowledge = {
        notes: new Map(notes.map((one) => [one.startMs, one])),
        memories: new Map(memories),
        changed: new Set(),
      };
      const prepared = windows.map((window) => prepare(window, knowledge));
      const [answers] = await Promise.all([
        askModels(prepared.flat(), models),
        models === null ? null : nameCategories(prepared.flat(), { ...knowledge, names }, models),
      ]);
      const next = answers.of.values();
      const judgements = windows.flatMap((window, i) =>
        judgeWindow(
          window,
          prepared[i]!.map((one) => ({ one, answer: next.next().value ?? null })),
          { ...options, knowledge, version: answers.version },
        ),
      );
      return {
        judgements,
        keep: async () => {
          const remembered = [...knowledge.changed].map(
            (service) => [service, knowledge.memories.get(service)!] as const,
          );
          await Promise.all([
            store.keepNotes(windows.map(({ startMs }) => knowledge.notes.get(startMs)!)),
            store.remember(new Map(remembered)),
          ]);
        },
      };
    },
  };
}

/** The models' answers, in order; a service that has been silent for all that they look back on is not asked about. */
async function askModels(prepared: readonly Prepared[], models: ModelClient | null) {
  const of = new Array<WindowsAnswer | null>(prepared.length).fill(null);
  const asked = [...prepared.keys()].filter((i) => models !== null && hasSpoken(prepared[i]!));
  if (models === null || asked.length === 0) return { version: null, of };
  const { version, answers } = await models.windows(
    asked.map((i) => ({ service: prepared[i]!.service, windows: prepared[i]!.sequence })),
  );
  asked.forEach((i, at) => {
    of[i] = answers[at] ?? null;
  });
  return { version, of };
}

/** The first feature is the logarithm of the entries. */
const hasSpoken = ({ sequence }: Prepared): boolean => sequence.some(([entries]) => entries! > 0);

/** Asks what patterns of errors are called that have no name yet, and remembers it. */
async function nameCategories(
  prepared: readonly Prepared[],
  { memories, changed, names }: Knowledge & { readonly names: NameCache },
  models: ModelClient,
): Promise<void> {
  for (const [service, named] of await categoriesOf(prepared, memories, models, names)) {
    memories.set(service, withCategories(memories.get(service)!, named));
    changed.add(service);
  }
}

interface Judging extends DetectorOptions {
  readonly knowledge: Knowledge;
  readonly version: string | null;
}

function judgeWindow(
  window: ClosedWindow,
  services: readonly { readonly one: Prepared; readonly answer: WindowsAnswer | null }[],
  judging: Judging,
): Judgement[] {
  const { knowledge, settings } = judging;
  const before = notesBefore(window, knowledge.notes);
  const recentMs = window.startMs - settings.recoveryMs;
  const judged = services.map(({ one, answer }) => {
    const history = historyOf(one.service, before);
    const past = history.filter((note) => note !== null);
    const windowMs = window.endMs - window.startMs;
    return judge({
      ...{ job: judging.job, service: one.service, row: one.row, usual: one.usual, features: one.features },
      ...{ startMs: window.startMs, endMs: window.endMs, revision: window.revision },
      ...{ incomplete: window.incomplete, backfill: window.backfill, stats: one.stats, fresh: one.fresh },
      ...{ answer, modelVersion: answer === null ? null : judging.version },
      ruleFindings: applyRules({ ...one, history, windowMs }, settings),
      categories: knowledge.memories.get(one.service)?.categories ?? {},
      before: past.at(-1)?.severity ?? null,
      recentlyBad: past.some(({ row, severity }) => severity !== 'ok' && row.window_start_ms >= recentMs),
    });
  });
  // Noted as they were judged by themselves: an echo is not usual either.
  const notes = new Map(
    judged.map(({ service, row, features, severity }, i): [string, Note] => [
      service,
      { row, features, severity, signs: services[i]!.one.signs },
    ]),
  );
  knowledge.notes.set(window.startMs, { ...knowledge.notes.get(window.startMs)!, services: notes });
  return withoutEchoes(judged);
}
