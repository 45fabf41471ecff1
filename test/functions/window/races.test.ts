import { describe, expect, it } from 'vitest';
import { JOBS } from './schedule.ts';
import { type Batch, World } from './world.ts';

const batch = (id: string, ...lines: readonly string[]): Batch => ({
  id: `batch-0${id}`,
  backfill: false,
  lines,
});

/** While the next firing is about to claim, `meanwhile` happens. */
function beforeClaim(world: World, meanwhile: () => Promise<void>): void {
  const commit = world.store.commit.bind(world.store);
  world.store.commit = async (changes) => {
    world.store.commit = commit;
    await meanwhile();
    return commit(changes);
  };
}

const live = (world: World) =>
  [...world.rows.values()]
    .filter(({ tombstone }) => !tombstone)
    .map(({ window, value, revision }) => [window.start, window.end, value, revision]);

describe('a firing that is overtaken', () => {
  it('of a tumbling window writes nothing, so that no revision has two contents', async () => {
    const world = new World(JOBS.tumbling);
    await world.deliver(batch('1', 'a 1500'));
    world.nowMs = 7000;
    beforeClaim(world, async () => {
      await world.deliver(batch('2', 'a 1600'));
      world.nowMs = 9000;
      await world.runDue();
    });
    await world.runDue();
    expect(world.conflicts).toBeGreaterThan(0);
    await world.settle();
    expect(live(world)).toEqual([[1000, 6000, 'batch-01-0,batch-02-0', 1]]);
  });

  it('of a session writes nothing when meanwhile the session began in an earlier bucket', async () => {
    // A gap of 20 s, buckets of 80 s: the first fragment lies in the second bucket alone.
    const world = new World(JOBS['sessions over many buckets']);
    world.nowMs = 60_000;
    await world.deliver(batch('1', 'a 85000'));
    world.nowMs = 107_000;
    beforeClaim(world, async () => {
      await world.deliver(batch('2', 'a 70000'));
      world.nowMs = 110_000;
      await world.runDue();
    });
    await world.runDue();
    expect(world.conflicts).toBeGreaterThan(0);
    await world.settle();
    expect(live(world)).toEqual([[70_000, 105_000, 'batch-01-0,batch-02-0', 1]]);
  });
});

describe('sessions', () => {
  const sessions = async (...batches: readonly Batch[]): Promise<World> => {
    const world = new World(JOBS['sessions over many buckets']);
    world.nowMs = 50_000;
    for (const one of batches) await world.deliver(one);
    await world.settle();
    return world;
  };

  it('that touch at the edge of a bucket are one, in one batch and in two', async () => {
    const one = await sessions(batch('1', 'a 60000', 'a 80000'));
    expect(live(one)).toEqual([[60_000, 100_000, 'batch-01-0,batch-01-1', 1]]);
    const two = await sessions(batch('2', 'a 80000'), batch('1', 'a 60000'));
    expect(live(two)).toEqual([[60_000, 100_000, 'batch-01-0,batch-02-0', 1]]);
  });

  it('a millisecond apart are two', async () => {
    const world = await sessions(batch('1', 'a 60000', 'a 80001'));
    expect(live(world)).toEqual([
      [60_000, 80_000, 'batch-01-0', 1],
      [80_001, 100_001, 'batch-01-1', 1],
    ]);
  });

  it('of a key that is never silent for hours are one row, written when it is', async () => {
    const world = new World(JOBS['sessions over many buckets']);
    for (let i = 10; i < 60; i++) {
      world.nowMs = i * 15_000;
      await world.deliver(batch(`${i}`, `a ${i * 15_000}`));
      await world.runDue();
    }
    expect(world.rows.size).toBe(0);
    await world.settle();
    expect(live(world)).toMatchObject([[150_000, 905_000, expect.stringContaining('batch-059-0'), 1]]);
  });

  it('that a late entry joins are one row and a tombstone', async () => {
    const world = new World(JOBS['sessions over many buckets']);
    await world.deliver(batch('1', 'a 10000'));
    await world.deliver(batch('2', 'a 45000'));
    world.nowMs = 67_000;
    await world.runDue();
    expect(live(world)).toHaveLength(2);
    await world.deliver(batch('3', 'a 28000'));
    await world.settle();
    expect(live(world)).toEqual([[10_000, 65_000, 'batch-01-0,batch-02-0,batch-03-0', 2]]);
    expect(world.rows.get('a 45000')).toMatchObject({ tombstone: true, revision: 2, value: '' });
  });

  it('that are over for longer than the lateness take nothing, unless it joins one that is not', async () => {
    const world = new World(JOBS['sessions over many buckets']);
    await world.deliver(batch('1', 'a 10000'));
    world.nowMs = 60_000;
    await world.deliver(batch('2', 'a 12000'));
    expect([...world.late.values()]).toMatchObject([{ insert_id: 'batch-02-0', reason: 'late' }]);
    await world.deliver(batch('3', 'a 30000'));
    await world.settle();
    expect(live(world)).toEqual([[10_000, 50_000, 'batch-01-0,batch-03-0', 1]]);
  });

  it('are left alone when their partials have expired', async () => {
    const world = new World(JOBS['sessions over many buckets']);
    await world.deliver(batch('1', 'a 10000', 'a 20000'));
    await world.deliver(batch('2', 'a 25000'));
    await world.settle();
    const of = { job: 'buckets', key: 'a', window: { start: 0, end: 80_000 } };
    world.store.expire(of, ({ span }) => span?.start === 25_000);
    await world.deliver({ ...batch('3', 'a 30000'), backfill: true });
    await world.settle();
    expect(live(world)).toEqual([[10_000, 45_000, 'batch-01-0,batch-01-1,batch-02-0', 1]]);
  });

  it('with a corrupt fragment are marked incomplete', async () => {
    const world = new World(JOBS['sessions over many buckets']);
    await world.deliver(batch('1', 'a 10000'));
    await world.deliver(batch('2', 'a 25000'));
    world.store.corrupt({ job: 'buckets', key: 'a', window: { start: 0, end: 80_000 } });
    await world.settle();
    expect([...world.rows.values()]).toMatchObject([{ incomplete: true, parts: 2 }]);
  });
});
