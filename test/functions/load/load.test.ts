import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Loaded, type LoadSettings, load } from '../../../functions/load/load.ts';
import { Died, type Fate, LoadWorld } from './load-world.ts';

const SETTINGS: LoadSettings = { maxFiles: 100, maxBytes: 1e9 };
const works = async (): Promise<Fate> => 'works';

let world: LoadWorld;
beforeEach(() => {
  world = new LoadWorld();
});

const run = (settings = SETTINGS): Promise<Loaded> => load(world.effects(works), settings);
/** Runs and jobs in turns until nothing is left; the number of runs. */
async function runUntilIdle(settings = SETTINGS): Promise<number> {
  for (let runs = 1; ; runs++) {
    await run(settings);
    world.finishJobs();
    if (world.isIdle) return runs;
    if (runs > 200) throw new Error('it does not come to an end');
  }
}
const times = (names: readonly string[]) => names.map((name) => world.loaded.get(name) ?? 0);

describe('the loader', () => {
  it('starts a job for what is there and ends, and the next run removes what was loaded', async () => {
    const names = [world.put(), world.put()];
    expect(await run()).toMatchObject({ started: 2, startedBytes: 200, files: 0, oldestMs: 2 });
    expect(world.files.size).toBe(2);
    world.finishJobs();
    expect(await run()).toMatchObject({ rows: 2, files: 2, started: 0, oldestMs: null });
    expect(world.isIdle).toBe(true);
    expect(times(names)).toEqual([1, 1]);
  });

  it('leaves a job alone while it runs, and what comes meanwhile to the next', async () => {
    const first = world.put();
    await run();
    const second = world.put();
    expect(await run()).toMatchObject({ started: 1, files: 0 });
    expect(world.jobs.size).toBe(1);
    world.finishJobs();
    expect(await run()).toMatchObject({ files: 1, started: 1 });
    world.finishJobs();
    expect(times([first, second])).toEqual([1, 1]);
  });

  it('takes the oldest files first, as many as a job may have, by number and by bytes', async () => {
    const names = Array.from({ length: 5 }, () => world.put());
    expect((await run({ maxFiles: 2, maxBytes: 1e9 })).started).toBe(2);
    world.finishJobs();
    expect(times(names)).toEqual([1, 1, 0, 0, 0]);
    expect((await run({ maxFiles: 100, maxBytes: 200 })).started).toBe(2);
    world.finishJobs();
    expect(times(names)).toEqual([1, 1, 1, 1, 0]);
    // One that is larger than that goes alone.
    expect((await run({ maxFiles: 100, maxBytes: 1 })).started).toBe(1);
  });

  it('starts one job a run, so that a table gets no more than 1,500 a day', async () => {
    for (let i = 0; i < 40; i++) world.put(i === 17);
    const runs = await runUntilIdle();
    expect(world.starts).toBeLessThanOrEqual(runs);
  });

  it('tries a job that failed again under another name, for as long as it fails', async () => {
    const names = [world.put(), world.put()];
    world.failures = ['quotaExceeded', 'backendError'];
    await run();
    world.finishJobs();
    expect(await run()).toMatchObject({ failure: 'quotaExceeded', failures: 1, started: 2 });
    world.finishJobs();
    expect(await run()).toMatchObject({ failure: 'backendError', failures: 2 });
    world.finishJobs();
    expect(await run()).toMatchObject({ failure: null, files: 2 });
    expect(times(names)).toEqual([1, 1]);
  });

  it('does without files that somebody else has removed', async () => {
    const [gone, left] = [world.put(), world.put()];
    await run();
    world.files.delete(gone);
    world.finishJobs();
    expect(await run()).toMatchObject({ failure: 'notFound', started: 1 });
    world.finishJobs();
    await run();
    expect(times([gone, left])).toEqual([0, 1]);
    expect(world.isIdle).toBe(true);
  });

  it.each([
    { says: 'does not name', namesFiles: false, atMost: 16 },
    { says: 'names', namesFiles: true, atMost: 5 },
  ])(
    'finds a file that BigQuery $says among sixty within $atMost runs, and loads all others',
    async (one) => {
      world.namesFiles = one.namesFiles;
      const names = Array.from({ length: 60 }, (_, i) => world.put(i === 37));
      expect(await runUntilIdle()).toBeLessThanOrEqual(one.atMost);
      expect(times(names)).toEqual(names.map((_, i) => (i === 37 ? 0 : 1)));
      expect([...world.rescued]).toEqual([[names[37], 1]]);
    },
  );

  it('finds several refused files, and is not held up for ever', async () => {
    const names = Array.from({ length: 50 }, (_, i) => world.put(i % 10 === 3));
    await runUntilIdle();
    expect(times(names)).toEqual(names.map((_, i) => (i % 10 === 3 ? 0 : 1)));
    expect(world.rescued.size).toBe(5);
  });
});

/** What a schedule does at its next turn: a run goes on by one effect, a job ends, a file comes, a new run begins. */
type Turn =
  | { readonly kind: 'step'; readonly who: number; readonly fate: Fate }
  | { readonly kind: 'begin' }
  | { readonly kind: 'jobs' }
  | { readonly kind: 'file'; readonly isPoisoned: boolean };

const anyTurn: fc.Arbitrary<Turn> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('step' as const),
      who: fc.nat({ max: 5 }),
      fate: fc.oneof(
        { weight: 8, arbitrary: fc.constant('works' as const) },
        { weight: 1, arbitrary: fc.constantFrom('dies before' as const, 'dies after' as const) },
      ),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ kind: 'begin' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'jobs' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('file' as const), isPoisoned: fc.boolean() }),
  },
);

/** A turn of the event loop: everything that could go on has. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('runs at the same time that die anywhere', () => {
  it('load every file exactly once, and lose none', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyTurn, { minLength: 20, maxLength: 120 }), async (turns) => {
        world = new LoadWorld();
        const names = [world.put(), world.put(), world.put()];
        /** Runs that wait at an effect, by what lets them go on. */
        const waiting: ((fate: Fate) => void)[] = [];
        const at = (): Promise<Fate> => new Promise((resolve) => waiting.push(resolve));
        for (const one of turns) {
          if (one.kind === 'begin')
            load(world.effects(at), SETTINGS).catch((error: unknown) => {
              if (!(error instanceof Died)) throw error;
            });
          else if (one.kind === 'jobs') world.finishJobs();
          else if (one.kind === 'file') names.push(world.put(one.isPoisoned));
          else if (waiting.length > 0) waiting.splice(one.who % waiting.length, 1)[0]!(one.fate);
          await turn();
          for (const [name, count] of world.loaded) expect(count, name).toBe(1);
        }
        // Those that still wait died there; from now on nothing fails.
        await runUntilIdle();
        for (const name of names) {
          const isPoisoned = world.poisoned.has(name);
          expect(world.loaded.get(name) ?? 0, name).toBe(isPoisoned ? 0 : 1);
          expect(world.rescued.has(name), name).toBe(isPoisoned);
        }
      }),
      { numRuns: 300 },
    );
  });
});
