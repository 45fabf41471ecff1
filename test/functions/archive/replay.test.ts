import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { logEntries } from '../../../functions/warehouse/tables.ts';
import { line, ReplayWorld, START_MS } from './replay-world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let world: ReplayWorld;

beforeEach(() => {
  world = new ReplayWorld();
});

/** Lines of three services, one every `stepMs`. */
const lines = (fromMs: number, count: number, stepMs = 100): string[] =>
  Array.from({ length: count }, (_, i) => line(fromMs + i * stepMs, `s${i % 3}`, fromMs + i));

/** Half a minute of the live path, archived and closed for good. */
async function halfMinute(): Promise<string[]> {
  const names: string[] = [];
  for (let at = 0; at < 30_000; at += 5000) {
    const message = world.message(lines(at, 50));
    await world.deliver(message);
    names.push(await world.archive.store([message]));
    await world.pass(5000);
  }
  await world.pass(2 * MINUTE);
  return names;
}

describe('a replay', () => {
  it('writes the next revision of every window, with the same values', async () => {
    await halfMinute();
    const before = world.values();
    const report = await world.replay(0, 30_000);
    expect(world.values()).toEqual(before);
    expect(Object.keys(before)).toHaveLength(18);
    expect(new Set([...world.rows().values()].map(({ revision }) => revision))).toEqual(new Set([2]));
    expect(report.written).toEqual({ windows: 6, rows: 18, open: 0, short: 0 });
    expect(report.read).toMatchObject({ files: 6, messages: 6, records: 300, entries: 300, dead: 0 });
    expect(report.restored).toBe(0);
  });

  it('gives the same rows for any order of messages, repeated deliveries and files, and any budget of memory', async () => {
    const batch = fc.record({
      fromMs: fc.integer({ min: -20_000, max: 60_000 }),
      count: fc.integer({ min: 1, max: 40 }),
      copies: fc.integer({ min: 1, max: 3 }),
      file: fc.integer({ min: 0, max: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(batch, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 200 }),
        async (batches, budget) => {
          world = new ReplayWorld();
          const files = [0, 1, 2, 3].map((): ReturnType<ReplayWorld['message']>[] => []);
          for (const { fromMs, count, copies, file } of batches) {
            const message = world.backfill(lines(fromMs, count, 700));
            for (let copy = 0; copy < copies; copy++) {
              const published = { ...message, messageId: `${message.messageId}-${copy}` };
              await world.deliver(published);
              await world.deliver(published);
              files[(file + copy) % 4]!.push(published, published);
            }
          }
          for (const messages of files) if (messages.length > 0) await world.archive.store(messages);
          await world.pass(HOUR);
          const before = world.values();
          const { written, restored } = await world.replay(-HOUR, HOUR, { budget });
          expect(world.values()).toEqual(before);
          expect(written.rows).toBe(Object.keys(before).length);
          expect(restored).toBe(0);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('counts entries under the patterns they were recorded with, though the catalogue has learned since', async () => {
    await halfMinute();
    const before = world.values();
    const patternId = (message: string): string => `learned since: ${message}`;
    await world.replay(0, 30_000, { patternId });
    expect(world.values()).toEqual(before);
    // Rows that are lost are not recorded any more: theirs are the patterns of today.
    world.warehouse.replace(logEntries, []);
    await world.replay(0, 30_000, { patternId });
    expect(JSON.stringify(world.values())).toContain('learned since: ');
  });

  it('rounds the span outward to whole windows and leaves others alone', async () => {
    await halfMinute();
    const report = await world.replay(12_000, 13_000);
    expect(report.span).toEqual({ fromMs: START_MS + 10_000, toMs: START_MS + 20_000 });
    const revised = [...world.rows().values()].filter(({ revision }) => revision === 2);
    expect(new Set(revised.map(({ start }) => start - START_MS))).toEqual(new Set([10_000]));
  });

  it('of one service writes no row of others', async () => {
    await halfMinute();
    const before = world.values();
    await world.replay(0, 30_000, { service: 's1' });
    const revised = [...world.rows().values()].filter(({ revision }) => revision === 2);
    expect(new Set(revised.map(({ key }) => key))).toEqual(new Set(['s1']));
    expect(world.values()).toEqual(before);
  });

  it('finds what was published months later, by what log_entries says', async () => {
    await halfMinute();
    world.nowMs += 90 * 24 * HOUR;
    const late = world.backfill(lines(31_000, 20));
    await world.deliver(late);
    await world.archive.store([late]);
    await world.pass(HOUR);
    const before = world.values();
    const { written, read } = await world.replay(0, MINUTE);
    expect(world.values()).toEqual(before);
    expect(written.short).toBe(0);
    expect(read.files).toBe(7);
  });

  it('counts what the live path had refused as late, and late firings do not undo it', async () => {
    await halfMinute();
    await world.pass(10 * MINUTE);
    const late = world.message([line(1000, 's0', 3)]);
    await world.deliver(late);
    await world.archive.store([late]);
    const entriesOf = () => (world.rows().get('service_health s0 0')!.value as { entries: number }).entries;
    const before = entriesOf();
    await world.replay(0, 10_000);
    expect(entriesOf()).toBe(before + 1);
    await world.deliver(world.backfill([line(2000, 's0', 5)]));
    await world.pass(HOUR);
    expect(entriesOf()).toBe(before + 1);
  });

  it('of a window that still takes entries lets a later firing revise it', async () => {
    const first = world.message(lines(0, 30));
    await world.deliver(first);
    await world.archive.store([first]);
    await world.pass(20_000);
    await world.replay(0, 10_000);
    expect(world.rows().get('service_health s0 0')).toMatchObject({ revision: 2 });
    await world.deliver(world.message([line(500, 's0')]));
    await world.pass(30_000);
    expect(world.rows().get('service_health s0 0')).toMatchObject({ revision: 3, value: { entries: 11 } });
  });

  it('leaves windows that are not over to the live path', async () => {
    const message = world.message(lines(0, 30));
    await world.deliver(message);
    await world.archive.store([message]);
    const { written } = await world.replay(0, 10_000);
    expect(written).toEqual({ windows: 0, rows: 0, open: 2, short: 0 });
  });

  it('reports a damaged file and leaves its windows alone: a row never becomes less', async () => {
    const names = await halfMinute();
    world.archive.damage(names[2]!, (bytes) => bytes.subarray(0, bytes.length - 7));
    const before = world.values();
    const report = await world.replay(0, 30_000);
    expect(report.damaged).toEqual([
      { file: names[2], why: expect.stringMatching(/^\d+ bytes came of \d+$/) },
    ]);
    expect(report.written).toMatchObject({ windows: 4, short: 2 });
    expect(world.values()).toEqual(before);
  });

  it('knows that the archive holds less also when the partials have expired', async () => {
    const names = await halfMinute();
    const job = 'service_health';
    world.store.expire({ job, window: { start: START_MS + 10_000, end: START_MS + 20_000 } });
    world.archive.damage(names[2]!, (bytes) => bytes.subarray(1));
    const report = await world.replay(10_000, 20_000);
    expect(report.written).toMatchObject({ windows: 0, short: 2 });
    const forced = await world.replay(10_000, 20_000, { force: true });
    expect(forced.written).toMatchObject({ windows: 2, short: 0 });
  });

  it('writes a window whose state is lost above the revisions that the table has', async () => {
    await halfMinute();
    await world.replay(0, 10_000);
    Object.assign(world, { store: new ReplayWorld().store });
    await world.replay(0, 10_000);
    expect(world.rows().get('service_health s0 0')).toMatchObject({ revision: 3 });
  });

  it('appends the rows of log_entries that are missing, and no other', async () => {
    await halfMinute();
    const all = world.warehouse.rows(logEntries);
    const lost = new Set(all.filter((_, i) => i % 7 === 0 && i < 200).map(({ insert_id }) => insert_id));
    const kept = all.filter(({ insert_id }) => !lost.has(insert_id));
    world.warehouse.replace(logEntries, kept);
    const { restored } = await world.replay(0, 30_000);
    expect(restored).toBe(lost.size);
    const ids = world.warehouse.rows(logEntries).map(({ insert_id }) => insert_id);
    expect(ids.toSorted()).toEqual(all.map(({ insert_id }) => insert_id).toSorted());
    expect((await world.replay(0, 30_000)).restored).toBe(0);
  });

  it('does not bring back rows that have gone to the cold tier', async () => {
    await halfMinute();
    world.warehouse.replace(logEntries, []);
    const { restored } = await world.replay(0, 30_000, { coldDays: ['2026-11-20'] });
    expect(restored).toBe(0);
  });

  it('does not bring back rows that were deleted on purpose', async () => {
    await halfMinute();
    const before = world.values();
    world.warehouse.replace(logEntries, []);
    const isDeleted = ({ user_id }: { user_id: string | null }): boolean => user_id === 'u3';
    await world.replay(0, 30_000, { isDeleted });
    const users = new Set(world.warehouse.rows(logEntries).map(({ user_id }) => user_id));
    expect(users).toHaveProperty('size', 10);
    expect(users).not.toContain('u3');
    expect(world.values()).toEqual(before);
  });

  it('leaves out what BigQuery had refused', async () => {
    world.warehouse.refuses = (table, row) =>
      table === 'log_entries' && (row as { message: string }).message.startsWith('request 7 ');
    const message = world.message(lines(0, 30));
    await world.deliver(message);
    await world.archive.store([message]);
    await world.pass(5 * MINUTE);
    const before = world.values();
    const { read } = await world.replay(0, 10_000);
    expect(read.refused).toBe(1);
    expect(world.values()).toEqual(before);
  });

  it('reads a file again only for windows that it holds something of', async () => {
    await halfMinute();
    world.archive.downloads.length = 0;
    // A budget for about one window: each pass leaves the rest to the next.
    const { read, written } = await world.replay(0, 30_000, { budget: 70 });
    expect(written.windows).toBe(6);
    expect(read).toMatchObject({ files: 6, records: 300 });
    expect(world.archive.downloads.length).toBeLessThan(6 * 3);
  });

  it('refuses to write windows of another size beside those that stand', async () => {
    await halfMinute();
    const [row] = [...world.rows().values()];
    await world.warehouse.append({ name: 'service_windows', columns: [] }, [
      { ...row!, job: 'service_health', start: START_MS + 15_000, end: START_MS + 16_000 },
    ]);
    await expect(world.replay(0, 30_000)).rejects.toThrow(/LOGWEIR_WINDOW_SIZE/);
  });
});
