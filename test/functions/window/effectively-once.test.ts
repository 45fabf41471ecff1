import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { windowId } from '../../../functions/window/window-id.ts';
import { JOB_NAMES, JOBS, play, schedules } from './schedule.ts';
import { type Batch, RETENTION_MS, World } from './world.ts';

/** 2,100 in all; `TEST_SEED=N` plays the same again. schedules.ts is the long run. */
const RUNS = 350;
const seed = Number(process.env.TEST_SEED ?? Date.now() % 2 ** 31);

describe(`windows on serverless, seed ${seed}`, () => {
  it.each(JOB_NAMES)(
    'that are %s count each entry once, whatever is redelivered, delayed, crashed, raced or lost',
    { timeout: 120_000 },
    async (job) => {
      const totals = {
        faults: 0,
        conflicts: 0,
        tooEarly: 0,
        late: 0,
        future: 0,
        revisions: 0,
        tombstones: 0,
      };
      await fc.assert(
        fc.asyncProperty(schedules(job), async (schedule) => {
          const { world, late, future, revisions, tombstones } = await play(schedule);
          for (const count of world.faults.values()) totals.faults += count;
          totals.conflicts += world.conflicts;
          totals.tooEarly += world.tooEarly;
          totals.late += late;
          totals.future += future;
          totals.revisions += revisions;
          totals.tombstones += tombstones;
        }),
        { numRuns: RUNS, seed },
      );
      // The schedules must really go wrong, or the property says little.
      const { tombstones, ...always } = totals;
      expect(Math.min(...Object.values(always))).toBeGreaterThan(10);
      if (JOBS[job].assigner.merges) expect(tombstones).toBeGreaterThan(0);
    },
  );
});

describe('a tumbling window', () => {
  const of = { job: 'tumbling', window: { start: 1000, end: 6000 } };
  const batch = (id: string, ...lines: readonly string[]): Batch => ({
    id: `batch-0${id}`,
    backfill: false,
    lines,
  });
  const worldOf = async (...batches: readonly Batch[]): Promise<World> => {
    const world = new World(JOBS.tumbling);
    for (const one of batches) await world.deliver(one);
    return world;
  };
  const two = [batch('1', 'a 1500'), batch('2', 'a 1600')] as const;

  it('takes nothing more when it is sealed: a backfill for it stands in late_entries', async () => {
    const world = await worldOf(...two);
    await world.settle();
    world.nowMs += RETENTION_MS;
    await world.deliver({ ...batch('3', 'a 1700'), backfill: true });
    expect([...world.late.values()]).toMatchObject([{ insert_id: 'batch-03-0', reason: 'sealed' }]);
  });

  it('is left alone when some of its partials have expired, whatever came since', async () => {
    const world = await worldOf(...two);
    await world.settle();
    world.store.expire(of);
    await world.deliver({ ...batch('3', 'a 1700'), backfill: true });
    await world.settle();
    expect(world.rows.get('a 1000')).toMatchObject({ value: 'batch-01-0,batch-02-0', revision: 1 });
  });

  it('still closes when a partial is corrupt, and the row says that it is incomplete', async () => {
    const world = await worldOf(...two);
    world.store.corrupt(of);
    await world.settle();
    expect(world.rows.get('a 1000')).toMatchObject({ incomplete: true, parts: 2 });
    expect(['batch-01-0', 'batch-02-0']).toContain(world.rows.get('a 1000')?.value);
  });

  it('fires once for many batches that come late between two ticks', async () => {
    const world = await worldOf(...two);
    world.nowMs = 7000;
    await world.runDue();
    for (let i = 10; i < 40; i++) {
      world.nowMs += 25;
      await world.deliver(batch(`${i}`, 'a 1700'));
    }
    await world.settle();
    expect(world.rows.get('a 1000')).toMatchObject({ revision: 2, parts: 32 });
  });

  it('that is filled by a backlog, minutes behind and out of order, gets few revisions', async () => {
    const world = new World(JOBS.tumbling);
    world.nowMs = 20_000;
    // A hundred batches within five seconds, each of entries up to 18 s old: 100 for each of four windows.
    for (let i = 100; i < 200; i++) {
      world.nowMs += 50;
      const back = (start: number): string => `a ${start + ((i * 7) % 5000)}`;
      await world.deliver(batch(`${i}`, back(1000), back(6000), back(11_000), back(16_000)));
      await world.runDue();
    }
    await world.settle();
    const rows = [...world.rows.values()].filter(({ window }) => window.start >= 1000);
    expect(rows.map(({ parts }) => parts)).toEqual([100, 100, 100, 100]);
    // One firing a tick of a second, and one on time: not one a batch.
    expect(Math.max(...rows.map(({ revision }) => revision))).toBeLessThanOrEqual(7);
  });

  it('of a service that falls silent closes when its time has come, without anything that follows', async () => {
    const world = await worldOf(...two);
    world.nowMs = 6999;
    await world.runDue();
    expect(world.rows.size).toBe(0);
    world.nowMs = 7000;
    await world.runDue();
    expect(world.rows.size).toBe(1);
  });

  it('has an identity of its own for one start and several ends, and for keys', () => {
    const ids = [of, { ...of, window: { start: 1000, end: 7000 } }, { ...of, key: '' }, { ...of, key: 'a' }];
    expect(new Set(ids.map(windowId)).size).toBe(4);
  });
});
