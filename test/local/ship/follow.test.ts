import { appendFile, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Counts, newCounts } from '../../../local/ship/counts.ts';
import { follow } from '../../../local/ship/follow.ts';
import { SHIP_LIMITS, type ShipOptions, ship } from '../../../local/ship/ship.ts';
import { ManualTimers } from '../../manual-timers.ts';
import { type Harbour, openHarbour, recordsOf } from './harbour.ts';

let harbour: Harbour;
let path: string;
let follower: Follower | null = null;

beforeEach(async () => {
  harbour = await openHarbour();
  path = join(harbour.dir, 'app.log');
});

afterEach(async () => {
  await follower?.stop();
  follower = null;
  await harbour.close();
});

interface Follower {
  readonly counts: Counts;
  /** Lets a second pass; resolves when everything that was there is shipped. */
  round(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts to follow; resolves when the first round is done. */
async function startFollower(options: Partial<ShipOptions> = {}): Promise<Follower> {
  const timers = new ManualTimers();
  const abort = new AbortController();
  const counts = newCounts();
  let reached: () => void = () => undefined;
  const next = (): Promise<void> => new Promise((resolve) => (reached = resolve));
  const first = next();
  const ended = ship({
    ...harbour.options,
    files: [path],
    follow: true,
    timers,
    signal: abort.signal,
    counts,
    caughtUp: () => reached(),
    ...options,
  });
  ended.catch(() => undefined);
  await Promise.race([first, ended]);
  return {
    counts,
    async round() {
      const done = next();
      await timers.advance(1000);
      await Promise.race([done, ended]);
    },
    async stop() {
      abort.abort();
      await ended;
    },
  };
}

const texts = async (): Promise<string[]> => recordsOf(await harbour.all());

describe('following a file', () => {
  it('what is there is shipped, then what is appended, within a second', async () => {
    await writeFile(path, 'one\n');
    follower = await startFollower();
    expect(await texts()).toEqual(['one']);
    await appendFile(path, 'two\nthree\n');
    await follower.round();
    expect(await texts()).toEqual(['two', 'three']);
    await follower.round();
    expect(await texts()).toEqual([]);
    expect(follower.counts.lines).toBe(3);
  });

  it('a line is shipped when it is whole', async () => {
    await writeFile(path, 'one\ntw');
    follower = await startFollower();
    expect(await texts()).toEqual(['one']);
    await appendFile(path, 'o\n');
    await follower.round();
    expect(await texts()).toEqual(['two']);
  });

  it('a file that is not there yet is waited for', async () => {
    follower = await startFollower();
    expect(harbour.options.warnings).toEqual([expect.stringMatching(/does not exist yet/)]);
    await writeFile(path, 'one\n');
    await follower.round();
    expect(await texts()).toEqual(['one']);
  });

  it('after a rotation the old file is read to its end, then the new one', async () => {
    await writeFile(path, 'one\n');
    follower = await startFollower();
    await appendFile(path, 'two\n');
    await rename(path, `${path}.1`);
    await writeFile(path, 'new one\n');
    await follower.round();
    // Its writer still has the old file open.
    await appendFile(`${path}.1`, 'three\nfour');
    await follower.round();
    await appendFile(path, 'new two\n');
    await follower.round();
    expect((await texts()).sort()).toEqual(['four', 'new one', 'new two', 'one', 'three', 'two']);
  });

  it('a file that is renamed and not made again is followed on', async () => {
    await writeFile(path, 'one\n');
    follower = await startFollower();
    await rename(path, `${path}.1`);
    await follower.round();
    await appendFile(`${path}.1`, 'two\n');
    await follower.round();
    expect((await texts()).sort()).toEqual(['one', 'two']);
  });

  it('a file that was truncated is read from its start', async () => {
    await writeFile(path, 'one\ntwo\n');
    follower = await startFollower();
    await truncate(path, 0);
    await appendFile(path, 'one\n');
    await follower.round();
    expect((await texts()).sort()).toEqual(['one', 'one', 'two']);
  });

  it('the same first line after a rotation counts again', async () => {
    await writeFile(path, 'started\n');
    follower = await startFollower();
    await rename(path, `${path}.1`);
    await writeFile(path, 'started\n');
    await follower.round();
    await follower.round();
    expect(new Set((await harbour.all()).map(({ id }) => id)).size).toBe(2);
  });
});

describe('a follower that starts again', () => {
  it('goes on where it was', async () => {
    await writeFile(path, 'one\n');
    await (await startFollower()).stop();
    await appendFile(path, 'two\n');
    follower = await startFollower();
    expect(await texts()).toEqual(['one', 'two']);
  });

  it('ships the rest of what was rotated away meanwhile, then the new file', async () => {
    await writeFile(path, 'one\n');
    await (await startFollower()).stop();
    await appendFile(path, 'two\n');
    await rename(path, `${path}.1`);
    await writeFile(path, 'three\n');
    follower = await startFollower();
    await follower.round();
    expect(await texts()).toEqual(['one', 'two', 'three']);
    expect(harbour.options.warnings).toEqual([]);
  });

  it('says so when what was rotated away is gone, and reads the new file', async () => {
    await writeFile(path, 'one\n');
    await (await startFollower()).stop();
    await writeFile(join(harbour.dir, 'new'), 'two\n');
    await rename(join(harbour.dir, 'new'), path);
    follower = await startFollower();
    expect(await texts()).toEqual(['one', 'two']);
    expect(harbour.options.warnings).toEqual([
      expect.stringMatching(/after byte 4 of the old file is not shipped/),
    ]);
  });

  it('repeats what was on its way, under the same ids and cut at the same bytes', async () => {
    await writeFile(path, 'one\n');
    const first = await startFollower();
    await appendFile(path, 'two\n');
    await first.round();
    await first.stop();
    const before = await harbour.all();
    // As a death between publishing and crossing out leaves it.
    const [name] = await readdir(harbour.options.stateDir);
    const state = join(harbour.options.stateDir, name!);
    const saved = JSON.parse(await readFile(state, 'utf8')) as object;
    expect(saved).toMatchObject({ shipped: 8, planned: [] });
    await writeFile(state, JSON.stringify({ ...saved, shipped: 0, planned: [4, 8] }));
    await appendFile(path, 'three\n');
    follower = await startFollower();
    const after = await harbour.all();
    expect(recordsOf(after).sort()).toEqual(['one', 'three', 'two']);
    const ids = new Set(after.map(({ id }) => id));
    for (const { id } of before) expect(ids).toContain(id);
    expect(JSON.parse(await readFile(state, 'utf8'))).toMatchObject({ shipped: 14, planned: [] });
  });

  it('refuses a damaged state rather than guess', async () => {
    await writeFile(path, 'one\n');
    await (await startFollower()).stop();
    const [name] = await readdir(harbour.options.stateDir);
    await writeFile(join(harbour.options.stateDir, name!), '{');
    await expect(startFollower()).rejects.toThrow(/is no state of a followed file: delete it/);
    await rm(harbour.options.stateDir, { recursive: true });
    follower = await startFollower();
  });

  it('had written down where a batch ends before it shipped it', async () => {
    await writeFile(path, 'one\ntwo\n');
    const stateFile = join(harbour.dir, 'state.json');
    const abort = new AbortController();
    const seen: unknown[] = [];
    const sender = {
      send: async () => {
        seen.push(JSON.parse(await readFile(stateFile, 'utf8')));
        abort.abort();
      },
      settle: async () => undefined,
    };
    await follow({
      path,
      file: { host: 'host-1', path, service: 'app' },
      stateFile,
      limits: SHIP_LIMITS,
      sender,
      timers: new ManualTimers(),
      newGeneration: () => 'g1',
      warn: () => undefined,
      signal: abort.signal,
    });
    expect(seen).toMatchObject([{ generation: 'g1', shipped: 0, planned: [8] }]);
    expect(JSON.parse(await readFile(stateFile, 'utf8'))).toMatchObject({ shipped: 0, planned: [8] });
  });
});
