/**
 * One message for each transition, whatever dies when. The whole way, from windows to what a receiver has, is run again
 * and again; each time it is ended at another of its steps (before or after a read, a commit, a send, a settling), begun
 * anew by Pub/Sub's redelivery and the tick, and must end with the same messages, each once.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Channel,
  type Delivery,
  later,
  type Outcome,
  refused,
  sent,
} from '../../../functions/alert/channel/channel.ts';
import { firestoreAlerts } from '../../../functions/alert/firestore-store.ts';
import { type AlertEffects, handle, handleTick } from '../../../functions/alert/handle.ts';
import { NO_EVIDENCE, type Observation } from '../../../functions/alert/observation.ts';
import { alertEvents, alerts } from '../../../functions/alert/rows.ts';
import { alertConfig, type ChannelName } from '../../../functions/alert/rules/config.ts';
import { type SenderEffects, sendDue } from '../../../functions/alert/sender.ts';
import type { AlertStore } from '../../../functions/alert/store.ts';
import { type FirestoreService, startFirestore } from '../../../local/firestore/service.ts';
import { MemoryWarehouse } from '../memory-warehouse.ts';
import { MemoryAlerts } from './memory-store.ts';

const START = Date.UTC(2026, 10, 20, 10);

const settings = {
  config: alertConfig({}),
  content: { pageUrl: null, dataset: 'logweir', redact: (text: string) => text },
};

function windowOf(service: string, index: number, rate: number): Observation {
  const startMs = START + index * 10_000;
  const signal = { now: rate, usual: 0.02, deviations: rate > 0.1 ? 20 : 0, decided: rate > 0.1 };
  return {
    ...{ service, startMs, endMs: startMs + 10_000, revision: 1, entries: 100, errors: rate * 100 },
    ...{ signals: { error_rate: signal }, evidence: NO_EVIDENCE },
  };
}

/** Receives as Slack's bot or a mailbox does: what has a key that is there already is the same message. */
class Receiver implements Channel {
  readonly name: ChannelName;
  readonly updates: Channel['updates'];
  readonly intervalMs = 0;
  readonly got: string[] = [];
  readonly attempts: string[] = [];
  readonly news: string[] = [];
  /** Instead of taking it. */
  answer: (delivery: Delivery) => Outcome | null = () => null;

  constructor(name: ChannelName, updates: Channel['updates']) {
    this.name = name;
    this.updates = updates;
  }

  async send(delivery: Delivery): Promise<Outcome> {
    this.attempts.push(delivery.key);
    const answer = this.answer(delivery);
    if (answer !== null) return answer;
    if (!this.got.includes(delivery.key)) {
      this.got.push(delivery.key);
      this.news.push(...delivery.message.news);
    }
    return sent(delivery.thread ?? { first: delivery.key });
  }
}

class Crash extends Error {}

/** Ends the work at the n-th call of anything; calls after it do nothing. */
class Fuse {
  #left: number;
  blown = false;

  constructor(steps: number) {
    this.#left = steps;
  }

  guard<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (of, name) => {
        const value: unknown = Reflect.get(of, name);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          this.#burn();
          const result: unknown = await value.apply(of, args);
          this.#burn();
          return result;
        };
      },
    });
  }

  #burn(): void {
    if (this.blown || this.#left-- <= 0) {
      this.blown = true;
      throw new Crash();
    }
  }
}

interface World {
  readonly store: AlertStore;
  readonly warehouse: MemoryWarehouse;
  readonly slack: Receiver;
  readonly mail: Receiver;
  nowMs: number;
}

function effectsOf(world: World, fuse: Fuse | null): AlertEffects & SenderEffects {
  const guard = <T extends object>(target: T): T => (fuse === null ? target : fuse.guard(target));
  return {
    store: guard(world.store),
    channels: [guard(world.slack), guard(world.mail)],
    warehouse: guard(world.warehouse),
    history: { series: async () => null, templates: async () => new Map() },
    clock: () => world.nowMs,
    pause: async () => {},
  };
}

/** Good, bad (the second service a little later), good again. */
const STORY = Array.from({ length: 14 }, (_, i) => [
  windowOf('payment', i, i >= 2 && i < 5 ? 0.6 : 0.02),
  windowOf('gateway', i, i >= 3 && i < 6 ? 0.5 : 0.02),
]).flat();

/** Runs the story; a crash in one call is followed by a redelivery. Returns how many steps a run has. */
async function play(world: World, crashAt: number): Promise<boolean> {
  const fuse = new Fuse(crashAt);
  const guarded = effectsOf(world, fuse);
  const whole = effectsOf(world, null);
  for (const observation of STORY) {
    world.nowMs = Math.max(world.nowMs, observation.endMs + 6_000);
    const step = async (effects: AlertEffects & SenderEffects): Promise<void> => {
      await handle([observation], effects, settings);
      await sendDue(effects);
    };
    if (fuse.blown) await step(whole);
    else
      await step(guarded).catch(async (error: unknown) => {
        if (!(error instanceof Crash)) throw error;
        // The instance is gone; Pub/Sub delivers again, to another.
        await step(whole);
      });
  }
  // A lease of the dead ends; the tick finds what is left.
  for (let i = 0; i < 4; i++) {
    world.nowMs += 60_000;
    await handleTick(whole, settings);
    await sendDue(whole);
  }
  return fuse.blown;
}

const newWorld = (store: AlertStore): World => ({
  store,
  warehouse: new MemoryWarehouse(),
  slack: new Receiver('slack', 'edit'),
  mail: new Receiver('mail', 'reply'),
  nowMs: START,
});

/** What everybody must have, in the end. */
function outcome({ slack, mail, warehouse }: World) {
  const short = (keys: readonly string[]): string[] => keys.map((key) => key.split('.').slice(1).join('.'));
  // As the upsert does: of one alert the latest state stands, in whatever order rows come.
  const ordered = [...warehouse.rows(alerts)].sort(
    (a, b) => alerts.upsert!.sequence(a) - alerts.upsert!.sequence(b),
  );
  const rows = new Map(ordered.map((row) => [row.alertId, `${row.service} ${row.state}`]));
  const events = new Set(
    warehouse
      .rows(alertEvents)
      .map(({ alertId, to, channel, reason }) => `${alertId} ${to} ${channel} ${reason}`),
  );
  return {
    slack: short(slack.got).filter(isTold),
    mail: short(mail.got).filter(isTold),
    news: [slack, mail].map(({ news }) => news.filter((one) => one.startsWith('gateway fails too')).length),
    rows: [...rows.values()].sort(),
    events: events.size,
  };
}

/** Updates may be told with what comes after them; beginning and end are messages of their own. */
const isTold = (key: string): boolean => /[14]$/.test(key);

const EXPECTED = {
  slack: ['slack.1', 'slack.4'],
  mail: ['mail.1', 'mail.4'],
  rows: ['gateway resolved', 'payment resolved'],
  // That the gateway fails too is told once by each.
  news: [1, 1],
};

describe('a message', () => {
  it('goes out once for each transition when nothing goes wrong', async () => {
    const world = newWorld(new MemoryAlerts());
    expect(await play(world, Number.POSITIVE_INFINITY)).toBe(false);
    expect(outcome(world)).toMatchObject(EXPECTED);
    expect(world.mail.attempts).toHaveLength(3);
  });

  it('goes out once for each transition when everything comes twice and out of order', async () => {
    const world = newWorld(new MemoryAlerts());
    const effects = effectsOf(world, null);
    for (let i = 0; i < STORY.length; i += 4) {
      const some = STORY.slice(i, i + 4);
      world.nowMs = some.at(-1)!.endMs + 6_000;
      for (const one of [...some, ...some.toReversed()]) await handle([one], effects, settings);
      await Promise.all([sendDue(effects), sendDue(effects), sendDue(effects)]);
    }
    world.nowMs += 120_000;
    await handleTick(effects, settings);
    await sendDue(effects);
    expect(world.mail.attempts.length).toBe(new Set(world.mail.attempts).size);
    expect(outcome(world).rows).toEqual(EXPECTED.rows);
    expect(world.mail.got[0]).toMatch(/mail\.1$/);
    expect(outcome(world).news).toEqual([1, 1]);
  });

  it('goes out once for each transition wherever the work is ended', async () => {
    let crashes = 0;
    for (let at = 0; ; at++) {
      const world = newWorld(new MemoryAlerts());
      if (!(await play(world, at))) break;
      crashes++;
      expect(outcome(world), `ended at step ${at}`).toMatchObject(EXPECTED);
    }
    expect(crashes).toBeGreaterThan(150);
  });

  it('is sent again only when its first sending may not have come through', async () => {
    let twice = 0;
    for (let at = 0; ; at += 3) {
      const world = newWorld(new MemoryAlerts());
      if (!(await play(world, at))) break;
      const again = world.mail.attempts.length - new Set(world.mail.attempts).size;
      expect(again).toBeLessThanOrEqual(1);
      twice += again;
    }
    // Between the answer of the channel and its settling there is no other way.
    expect(twice).toBeGreaterThan(0);
  });

  it('of two instances that judge the same window at once goes out once', async () => {
    const world = newWorld(new MemoryAlerts());
    world.nowMs = START + 60_000;
    const both = [1, 2, 3].map(() => handle([windowOf('payment', 2, 0.6)], effectsOf(world, null), settings));
    const handled = await Promise.all(both);
    expect(handled.filter(({ notices }) => notices.length > 0)).toHaveLength(1);
    await sendDue(effectsOf(world, null));
    expect(world.slack.attempts).toHaveLength(1);
  });
});

describe('a channel that is dead', () => {
  it('holds up no other, and gets in order what it missed, edits that nobody needs left out', async () => {
    const world = newWorld(new MemoryAlerts());
    world.slack.answer = () => later('status 500');
    await play(world, Number.POSITIVE_INFINITY);
    expect(outcome(world).mail).toEqual(EXPECTED.mail);
    const waiting = await world.store.undelivered(10);
    expect(waiting.map(({ channel, state, why }) => [channel, state, why])).toContainEqual([
      'slack',
      'waiting',
      'status 500',
    ]);
    world.slack.answer = () => null;
    world.nowMs += 700_000;
    await sendDue(effectsOf(world, null));
    expect(outcome(world).slack).toEqual(['slack.1', 'slack.4']);
    // One message tells what three would have.
    expect(world.slack.news).toEqual(expect.arrayContaining([expect.stringContaining('gateway fails too')]));
    expect(await world.store.undelivered(10)).toEqual([]);
  });

  it('that wants few updates is told of many services in one', async () => {
    const world = newWorld(new MemoryAlerts());
    Object.assign(world.mail, { updateEveryMs: 60_000 });
    const effects = effectsOf(world, null);
    for (const [i, name] of ['a', 'b', 'c', 'd', 'e'].entries()) {
      world.nowMs = START + 60_000 + 2_000 * i;
      await handle([windowOf(name, 2, 0.6)], effects, settings);
      await sendDue(effects);
    }
    expect(world.mail.got).toHaveLength(1);
    expect(world.slack.got).toHaveLength(5);
    world.nowMs += 60_000;
    await sendDue(effects);
    expect(world.mail.got).toHaveLength(2);
    expect(world.mail.news.map((one) => one[0])).toEqual(['b', 'c', 'd', 'e']);
  });

  it('that wants few updates is told of the end at once, with what it was not told yet', async () => {
    const world = newWorld(new MemoryAlerts());
    Object.assign(world.mail, { updateEveryMs: 3_600_000 });
    await play(world, Number.POSITIVE_INFINITY);
    expect(outcome(world)).toMatchObject(EXPECTED);
    expect(world.mail.got).toHaveLength(2);
  });

  it('that says how long to wait is left alone for so long', async () => {
    const world = newWorld(new MemoryAlerts());
    world.slack.answer = () => later('status 429', 120_000);
    world.nowMs = START + 60_000;
    const effects = effectsOf(world, null);
    await handle([windowOf('payment', 2, 0.6)], effects, settings);
    await sendDue(effects);
    world.nowMs += 119_000;
    await sendDue(effects);
    expect(world.slack.attempts).toHaveLength(1);
    world.nowMs += 2_000;
    await sendDue(effects);
    expect(world.slack.attempts).toHaveLength(2);
  });

  it('that refuses for good is shown as failed, noted, and tried again when somebody says so', async () => {
    const world = newWorld(new MemoryAlerts());
    world.slack.answer = () => refused('channel_not_found');
    world.nowMs = START + 60_000;
    const effects = effectsOf(world, null);
    await handle([windowOf('payment', 2, 0.6)], effects, settings);
    await sendDue(effects);
    await sendDue(effects);
    expect(await world.store.undelivered(10)).toMatchObject([
      { channel: 'slack', state: 'failed', why: 'channel_not_found' },
    ]);
    expect(world.warehouse.rows(alertEvents)).toContainEqual(
      expect.objectContaining({ channel: 'slack', delivery: 'failed', reason: 'channel_not_found' }),
    );
    world.slack.answer = () => null;
    expect(await world.store.retry(world.nowMs)).toBe(1);
    await sendDue(effects);
    expect(world.slack.got).toHaveLength(1);
  });
});

describe('on Firestore', () => {
  let folder: string;
  let service: FirestoreService;
  const clients: Firestore[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'alerts-'));
    service = await startFirestore({ port: 0, dataDir: folder });
  });

  afterAll(async () => {
    await Promise.all(clients.map((client) => client.terminate()));
    await service.close();
    await rm(folder, { recursive: true, force: true });
  });

  const storeOf = (project: string): AlertStore => {
    const client = new Firestore({
      projectId: project,
      host: `127.0.0.1:${service.port}`,
      ssl: false,
      customHeaders: { Authorization: 'Bearer owner' },
    });
    clients.push(client);
    return firestoreAlerts(client);
  };

  it('the same holds: once, without and with crashes', async () => {
    for (const at of [Number.POSITIVE_INFINITY, 20, 41, 83, 125]) {
      const world = newWorld(storeOf(`crash-${at}`.toLowerCase()));
      await play(world, at);
      expect(outcome(world), `ended at step ${at}`).toMatchObject(EXPECTED);
    }
  });

  it('one of many instances commits, and the others judge again', async () => {
    const world = newWorld(storeOf('races'));
    world.nowMs = START + 60_000;
    const services = ['a', 'b', 'c', 'd', 'e', 'f'];
    const calls = services.flatMap((name) =>
      [1, 2].map(() => handle([windowOf(name, 2, 0.6)], effectsOf(world, null), settings)),
    );
    await Promise.all(calls);
    const { board } = await world.store.load([]);
    expect(board.value.incidents).toHaveLength(1);
    expect(board.value.incidents[0]?.alerts).toHaveLength(6);
    expect(board.value.incidents[0]?.sequence).toBe(6);
    expect(await world.store.activeServices(10)).toHaveLength(6);
  });
});
