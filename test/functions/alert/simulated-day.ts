/**
 * A day of alerting against known incidents: windows → the detector's own rules → verdicts → this policy → messages. No
 * models: what they add is measured elsewhere. Measures what on-call people feel, with naive alerting beside it: one
 * message for each rule of each service, when it begins to hold and again when it begins to hold the next time.
 */
import type { Channel, Delivery } from '../../../functions/alert/channel/channel.ts';
import { sent } from '../../../functions/alert/channel/channel.ts';
import { type AlertEffects, handle, handleTick } from '../../../functions/alert/handle.ts';
import { type AlertConfigText, alertConfig } from '../../../functions/alert/rules/config.ts';
import { type SenderEffects, sendDue } from '../../../functions/alert/sender.ts';
import { observationOf } from '../../../functions/alert/verdict-observation.ts';
import { createDetector } from '../../../functions/detect/detector.ts';
import { isTold, type Judgement, messageOf } from '../../../functions/detect/judgement.ts';
import type { WindowNotes } from '../../../functions/detect/notes.ts';
import type { PatternMemory } from '../../../functions/detect/pattern-memory.ts';
import type { DetectStore } from '../../../functions/detect/store.ts';
import type { IncidentKind } from '../../../local/generator/incident.ts';
import { MemoryWarehouse } from '../memory-warehouse.ts';
import { MemoryAlerts } from './memory-store.ts';
import { createWorld, type Truth, WINDOW_MS, type WorldOptions } from './simulated-windows.ts';

/** From a window's end to the verdict that is judged and kept: measured on the laptop cloud (test/bench/alert-delay.ts). */
const VERDICT_AFTER_MS = 6_700;
/** From there to the message in Slack: measured too. */
const MESSAGE_AFTER_MS = 900;
/** What still belongs to an incident after its end: windows that close, sliding baselines that settle. */
const AFTERMATH_MS = 180_000;

/** As the settings of the functions have it by default. */
const DETECTOR = {
  ...{ latencyZ: 3, errorRatio: 5, errorRate: 0.1, minErrors: 3, silenceMs: 60_000, degradationWindows: 3 },
  recoveryMs: 300_000,
};

export interface DayOptions extends WorldOptions {
  readonly config?: AlertConfigText;
  readonly silenceMs?: number;
  readonly onHour?: (hour: number) => void;
}

export interface KindReport {
  readonly incidents: number;
  readonly found: number;
  readonly medianS: number | null;
}

export interface DayReport {
  readonly incidents: number;
  readonly found: number;
  readonly recall: number;
  /** Messages that open a thread, of incidents that were. */
  readonly messagesPerIncident: number;
  /** Messages about nothing that was, a day. */
  readonly falsePerDay: number;
  /** Of those that have bad entries, not of silence. */
  readonly medianS: number | null;
  readonly kinds: Readonly<Partial<Record<IncidentKind, KindReport>>>;
  readonly updates: number;
  readonly naive: { readonly messagesPerIncident: number; readonly falsePerDay: number };
  readonly falseTitles: readonly string[];
  readonly missed: readonly string[];
}

interface Said {
  readonly atMs: number;
  readonly services: readonly string[];
  readonly opening: boolean;
  readonly title: string;
}

export async function simulateDay(options: DayOptions): Promise<DayReport> {
  const world = createWorld(options);
  const settings = {
    config: alertConfig(options.config ?? {}),
    content: { pageUrl: null, dataset: 'logweir', redact: (text: string) => text },
  };
  const said: Said[] = [];
  const clock = { nowMs: options.startMs };
  const effects = effectsOf(said, () => clock.nowMs);
  const detector = createDetector({
    job: 'service_health',
    store: lastWindows(),
    models: null,
    settings: { ...DETECTOR, silenceMs: options.silenceMs ?? DETECTOR.silenceMs },
  });
  const naive = new Naive();
  const windows = options.durationMs / WINDOW_MS;
  for (let i = 0; i < windows; i++) {
    const { startMs, services } = world.next();
    const endMs = startMs + WINDOW_MS;
    const closed = { startMs, endMs, revision: 1, incomplete: false, backfill: false, services };
    const { judgements, keep } = await detector.judge([closed]);
    await keep();
    clock.nowMs = endMs + VERDICT_AFTER_MS;
    naive.see(judgements, clock.nowMs);
    const told = judgements.filter(isTold);
    if (told.length > 0) {
      await handle(
        told.map((one) => observationOf(messageOf(one, clock.nowMs))),
        effects,
        settings,
      );
      await sendDue(effects);
    }
    if (i % 6 === 5) {
      await handleTick(effects, settings);
      await sendDue(effects);
    }
    if (i % 360 === 359) options.onHour?.((i + 1) / 360);
  }
  return reportOf(world.incidents, said, naive.said, options.durationMs / 86_400_000);
}

/** The detector's store with what it looks back on and no more; a day of notes would not fit. */
function lastWindows(): DetectStore {
  const notes = new Map<number, WindowNotes>();
  const memories = new Map<string, PatternMemory>();
  return {
    notesOf: async (starts) => [...starts].sort((a, b) => a - b).flatMap((start) => notes.get(start) ?? []),
    async keepNotes(all) {
      for (const one of all) notes.set(one.startMs, one);
      for (const start of notes.keys()) if (notes.size > 200) notes.delete(start);
    },
    memoriesOf: async (services) =>
      new Map(services.flatMap((name) => (memories.has(name) ? [[name, memories.get(name)!] as const] : []))),
    async remember(all) {
      for (const [service, memory] of all) memories.set(service, memory);
    },
  };
}

function effectsOf(said: Said[], clock: () => number): AlertEffects & SenderEffects {
  const channel: Channel = {
    name: 'slack',
    updates: 'edit',
    intervalMs: 0,
    async send({ kind, message, loud, thread }: Delivery) {
      if (loud)
        said.push({
          atMs: clock() + MESSAGE_AFTER_MS,
          services: message.services,
          opening: kind === 'opened',
          title: message.title,
        });
      return sent(thread ?? { ts: message.incidentId });
    },
  };
  return {
    store: new MemoryAlerts(),
    channels: [channel],
    warehouse: new MemoryWarehouse(),
    history: { series: async () => null, templates: async () => new Map() },
    clock,
    pause: async () => {},
  };
}

/** A message whenever a rule begins to hold. */
class Naive {
  readonly said: Said[] = [];
  #held = new Set<string>();

  see(judgements: readonly Judgement[], atMs: number): void {
    const now = new Set<string>();
    for (const { service, findings } of judgements)
      for (const { rule } of findings) {
        const key = `${service} ${rule}`;
        now.add(key);
        if (!this.#held.has(key)) this.said.push({ atMs, services: [service], opening: true, title: key });
      }
    this.#held = now;
  }
}

const belongs = ({ services, atMs }: Said, truth: Truth): boolean =>
  atMs >= truth.firstSignMs &&
  atMs <= truth.endMs + AFTERMATH_MS &&
  services.some((name) => truth.services.includes(name));

function reportOf(
  incidents: readonly Truth[],
  said: readonly Said[],
  naive: readonly Said[],
  days: number,
): DayReport {
  const found = incidents.map((truth) => ({ truth, first: said.find((one) => belongs(one, truth)) ?? null }));
  const seen = found.filter(({ first }) => first !== null);
  const openings = said.filter(({ opening }) => opening);
  const wrong = openings.filter((one) => !incidents.some((truth) => belongs(one, truth)));
  const naiveWrong = naive.filter((one) => !incidents.some((truth) => belongs(one, truth)));
  const delay = ({ truth, first }: (typeof found)[number]): number =>
    Math.max(0, first!.atMs - (truth.firstBadMs ?? truth.startMs)) / 1000;
  const kinds = [...new Set(incidents.map(({ kind }) => kind))].map((kind): [IncidentKind, KindReport] => {
    const of = found.filter(({ truth }) => truth.kind === kind);
    const delays = of.filter(({ first }) => first !== null).map(delay);
    return [kind, { incidents: of.length, found: delays.length, medianS: median(delays) }];
  });
  return {
    incidents: incidents.length,
    found: seen.length,
    recall: seen.length / incidents.length,
    messagesPerIncident: (openings.length - wrong.length) / Math.max(1, seen.length),
    falsePerDay: wrong.length / days,
    // A service that says nothing has no first bad entry: see its kind.
    medianS: median(seen.filter(({ truth }) => truth.kind !== 'silent_service').map(delay)),
    kinds: Object.fromEntries(kinds),
    updates: said.length - openings.length,
    naive: {
      messagesPerIncident: (naive.length - naiveWrong.length) / Math.max(1, incidents.length),
      falsePerDay: naiveWrong.length / days,
    },
    falseTitles: wrong.map(({ title }) => title),
    missed: found
      .filter(({ first }) => first === null)
      .map(({ truth }) => `${truth.kind} of ${truth.services.join(', ')}`),
  };
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length === 0 ? null : (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}
