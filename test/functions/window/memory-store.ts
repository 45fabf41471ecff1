/** The window store in memory, for property tests: the same promises as Firestore's, and failures on demand. */
import { overdueAt } from '../../../functions/window/overdue.ts';
import type {
  Contribution,
  Outcome,
  OverdueTimer,
  StateChange,
  StoredPart,
  Versioned,
  WindowStore,
} from '../../../functions/window/store.ts';
import {
  type JobWindow,
  partialId,
  type Timer,
  timerName,
  windowId,
} from '../../../functions/window/window-id.ts';

/** Something a function does to the world outside; `run` may be kept from happening, or from being known. */
export type Effect = <T>(name: string, run: () => T) => Promise<T>;

interface Document extends StoredPart {
  readonly kind: Contribution['kind'];
  readonly w: string;
}

const always: Effect = async (_name, run) => run();

export class MemoryStore implements WindowStore {
  readonly #documents = new Map<string, Document>();
  readonly #byWindow = new Map<string, Map<string, Document>>();
  readonly #states = new Map<string, Versioned>();
  readonly #timers = new Map<string, OverdueTimer>();
  readonly #effect: Effect;
  #version = 0;
  /** How many contributions one commit takes. */
  groupSize = Number.POSITIVE_INFINITY;
  /** Told of each contribution that is made, at its first delivery. */
  onCreate: (contribution: Contribution, nowMs: number) => void = () => {};

  constructor(effect: Effect = always) {
    this.#effect = effect;
  }

  async contribute(contributions: readonly Contribution[], nowMs = 0): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = [];
    for (let i = 0; i < contributions.length; i += this.groupSize) {
      const group = contributions.slice(i, i + this.groupSize);
      if (await this.#effect('contribute', () => this.#createAll(group, nowMs)))
        outcomes.push(...group.map(({ kind }) => ({ created: true, kind })));
      else for (const one of group) outcomes.push(await this.#createOne(one, nowMs));
    }
    return outcomes;
  }

  async partsOf(windows: readonly JobWindow[]): Promise<readonly (readonly StoredPart[])[]> {
    return this.#effect('partsOf', () =>
      windows.map((window) =>
        [...(this.#byWindow.get(windowId(window))?.values() ?? [])]
          .filter(({ kind }) => kind === 'partial')
          .sort((a, b) => (a.id < b.id ? -1 : 1)),
      ),
    );
  }

  async statesOf(windows: readonly JobWindow[]): Promise<readonly (Versioned | null)[]> {
    return this.#effect('statesOf', () =>
      windows.map((window) => this.#states.get(windowId(window)) ?? null),
    );
  }

  async commit(changes: readonly StateChange[]): Promise<readonly Versioned[] | null> {
    const name = changes.every(({ next }) => next.rows.every(({ written }) => written)) ? 'written' : 'claim';
    return this.#effect(name, () => {
      const current = ({ of, previous }: StateChange): boolean =>
        this.#states.get(windowId(of))?.version === previous?.version;
      if (!changes.every(current)) return null;
      return changes.map(({ of, next }) => {
        const versioned = { state: next, version: ++this.#version };
        this.#states.set(windowId(of), versioned);
        return versioned;
      });
    });
  }

  async noteTimers(timers: readonly Timer[]): Promise<void> {
    await this.#effect('noteTimers', () => this.#note(timers));
  }

  async timersDone(timers: readonly Timer[]): Promise<void> {
    await this.#effect('timersDone', () => {
      for (const timer of timers) this.#timers.delete(timerName(timer));
    });
  }

  async overdueTimers(nowMs: number, limit: number): Promise<readonly OverdueTimer[]> {
    return this.#effect('overdueTimers', () =>
      [...this.#timers.values()]
        .filter(({ slotMs, asks }) => overdueAt(slotMs, asks) <= nowMs)
        .sort((a, b) => overdueAt(a.slotMs, a.asks) - overdueAt(b.slotMs, b.asks))
        .slice(0, limit),
    );
  }

  async replaceTimer(overdue: OverdueTimer, next: Timer): Promise<void> {
    await this.#effect('replaceTimer', () => {
      this.#timers.delete(timerName(overdue));
      this.#timers.set(timerName(next), { ...next, asks: overdue.asks + 1 });
    });
  }

  /** Timers noted and not done with. */
  get notedTimers(): number {
    return this.#timers.size;
  }

  /** The row states of a window. */
  rowsOf(window: JobWindow) {
    return this.#states.get(windowId(window))?.state.rows ?? [];
  }

  /** What TTL does: the partials of a window go, its state stays. `keep` spares some. */
  expire(window: JobWindow, keep: (part: StoredPart) => boolean = () => false): void {
    const documents = this.#byWindow.get(windowId(window)) ?? new Map<string, Document>();
    for (const [id, document] of documents) {
      if (keep(document)) continue;
      documents.delete(id);
      this.#documents.delete(id);
    }
  }

  /** Breaks the data of one partial of a window. */
  corrupt(window: JobWindow): void {
    const documents = this.#byWindow.get(windowId(window))!;
    const [id, document] = [...documents][0]!;
    documents.set(id, { ...document, data: '[["key",' });
  }

  #createAll(group: readonly Contribution[], nowMs: number): boolean {
    if (group.some((one) => this.#documents.has(idOf(one, 0)))) return false;
    for (const one of group) this.#create(one, nowMs);
    return true;
  }

  #createOne(one: Contribution, nowMs: number): Promise<Outcome> {
    return this.#effect('contribute', () => {
      const present = this.#documents.get(idOf(one, 0));
      if (present !== undefined) return { created: false, kind: present.kind };
      this.#create(one, nowMs);
      return { created: true, kind: one.kind };
    });
  }

  #create(one: Contribution, nowMs: number): void {
    const w = windowId(one.of);
    const documents = this.#byWindow.get(w) ?? new Map<string, Document>();
    this.#byWindow.set(w, documents);
    const { kind, backfill, fromEndMs, span } = one;
    (kind === 'partial' ? one.parts : ['']).forEach((data, part) => {
      const id = idOf(one, part);
      const document = {
        ...{ id, w, kind, data, createdAtMs: nowMs },
        ...(backfill ? { backfill } : {}),
        ...(fromEndMs === undefined ? {} : { fromEndMs }),
        ...(span === undefined ? {} : { span }),
      };
      this.#documents.set(id, document);
      documents.set(id, document);
    });
    this.#note(one.timers);
    this.onCreate(one, nowMs);
  }

  #note(timers: readonly Timer[]): void {
    for (const timer of timers) this.#timers.set(timerName(timer), { ...timer, asks: 0 });
  }
}

const idOf = ({ of, batchId, span }: Contribution, part: number): string =>
  partialId(of, batchId, span === undefined ? part : `${span.start} ${part}`);
