/**
 * A bucket and a BigQuery in memory for the loader: strongly consistent, jobs that run once by name and all or nothing,
 * and a hand that lets any effect fail before or after it was done, or stops a run at it for good.
 */
import { ROWS_PREFIX } from '../../../functions/load/layout.ts';
import type { LoadEffects, Rescued } from '../../../functions/load/load.ts';
import type { JobOutcome } from '../../../functions/load/load-jobs.ts';
import type { CurrentLoad, StoredState } from '../../../functions/load/load-state.ts';

/** What happens at an effect: it works, or the process dies before or after it. */
export type Fate = 'works' | 'dies before' | 'dies after';

export class Died extends Error {}

interface Job {
  readonly files: readonly string[];
  outcome: JobOutcome | null;
}

export class LoadWorld {
  readonly files = new Set<string>();
  readonly aside = new Set<string>();
  /** How often each file's rows came into the table. */
  readonly loaded = new Map<string, number>();
  readonly rescued = new Map<string, number>();
  readonly jobs = new Map<string, Job>();
  /** Files that BigQuery refuses, and whether it says which. */
  readonly poisoned = new Set<string>();
  namesFiles = false;
  /** The next jobs end like this. */
  failures: string[] = [];
  nowMs = 1_795_168_800_000;
  starts = 0;
  #state: CurrentLoad | null = null;
  #generation = 0;
  #ids = 0;
  #files = 0;

  /** A file that parse has written. */
  put(poisoned = false): string {
    const name = `${ROWS_PREFIX}${this.nowMs++}-${(this.#files++).toString(16)}.avro`;
    this.files.add(name);
    if (poisoned) this.poisoned.add(name);
    return name;
  }

  get isIdle(): boolean {
    return this.#state === null && this.files.size === 0;
  }

  /** Jobs that were started and are under way end. */
  finishJobs(): void {
    for (const job of this.jobs.values()) job.outcome ??= this.#run(job.files);
  }

  #run(files: readonly string[]): JobOutcome {
    const failure = this.failures.shift();
    if (failure !== undefined) return { kind: 'failed', reason: failure };
    if (files.some((name) => !this.files.has(name))) return { kind: 'failed', reason: 'notFound' };
    const refused = files.filter((name) => this.poisoned.has(name));
    if (refused.length > 0) return { kind: 'refused', files: this.namesFiles ? refused.slice(0, 1) : [] };
    for (const name of files) this.loaded.set(name, (this.loaded.get(name) ?? 0) + 1);
    return { kind: 'done', rows: files.length };
  }

  /** The world as one run sees it: `at` is asked before each effect. */
  effects(at: (effect: string) => Promise<Fate>): LoadEffects {
    const effect = async <T>(name: string, work: () => T): Promise<T> => {
      const fate = await at(name);
      if (fate === 'dies before') throw new Died(name);
      const result = work();
      if (fate === 'dies after') throw new Died(name);
      return result;
    };
    return {
      files: {
        list: (most) =>
          effect('list', () =>
            [...this.files]
              .sort()
              .slice(0, most)
              .map((name) => ({ name, bytes: 100 })),
          ),
        present: (names) => effect('present', () => names.filter((name) => this.files.has(name))),
        // One by one: a run may die between two files.
        remove: async (names) => {
          for (const name of names) await effect('remove', () => this.files.delete(name));
        },
        read: async () => Buffer.alloc(0),
        setAside: async () => undefined,
      },
      states: {
        read: () => effect('read', () => ({ load: this.#state, generation: this.#generation })),
        write: (load, replaces) => effect('write', () => this.#write(load, replaces)),
      },
      jobs: {
        find: (name) =>
          effect('find', () => {
            const job = this.jobs.get(name);
            return job === undefined ? null : (job.outcome ?? { kind: 'running' });
          }),
        start: (name, files) =>
          effect('start', () => {
            if (this.jobs.has(name)) return;
            this.starts++;
            this.jobs.set(name, { files, outcome: null });
          }),
      },
      rescue: (file) => effect('rescue', () => this.#rescue(file)),
      clock: () => this.nowMs,
      newId: () => String(this.#ids++),
    };
  }

  #write(load: CurrentLoad | null, { generation }: StoredState): StoredState | null {
    if (generation !== this.#generation) return null;
    this.#state = load;
    this.#generation++;
    return { load, generation: this.#generation };
  }

  #rescue(file: string): Rescued {
    this.rescued.set(file, (this.rescued.get(file) ?? 0) + 1);
    return { rows: 1, refused: 0, isReadable: true };
  }
}
