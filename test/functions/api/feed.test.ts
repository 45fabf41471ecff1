import { describe, expect, it } from 'vitest';
import { Feed, type Listener } from '../../../functions/api/tail/feed.ts';
import { tailResponse } from '../../../functions/api/tail/response.ts';
import type { LogEntry } from '../../../functions/parse/log-entry.ts';
import { logEntry } from '../../log-entry.ts';

const START_MS = Date.UTC(2026, 10, 21, 12);

function open(maxListeners = 60) {
  let nowMs = START_MS;
  let sources = 0;
  let give: (entries: readonly LogEntry[]) => void = () => undefined;
  const feed = new Feed({
    source: async (onEntries) => {
      sources++;
      give = onEntries;
      return {
        async close() {
          sources--;
        },
      };
    },
    ...{ clock: () => nowMs, maxListeners, report: () => undefined },
  });
  return {
    feed,
    sources: () => sources,
    arrive: (...entries: LogEntry[]) => give(entries),
    beatAfter(ms: number) {
      nowMs += ms;
      feed.beat();
    },
  };
}

const entry = (i: number, more: Partial<LogEntry> = {}): LogEntry =>
  logEntry({
    insert_id: `b-${i}`,
    timestamp: (START_MS + i) * 1000,
    received_at: (START_MS + i) * 1000,
    message: `line ${i}`,
    ...more,
  });

interface Event {
  readonly event: string;
  readonly data: {
    readonly entries?: readonly { readonly insert_id: string }[];
    readonly matched?: number;
    readonly dropped?: number;
  };
}

const eventsOf = (text: string): Event[] =>
  text
    .split('\n\n')
    .filter((one) => one.includes('event: '))
    .map((one) => ({ event: /event: (\w+)/.exec(one)![1]!, data: JSON.parse(/data: (.*)/.exec(one)![1]!) }));

const read = async (listener: Listener): Promise<Event[]> => eventsOf((await listener.next()) ?? '');
const all = () => true;

describe('live tail', () => {
  it('gives each listener what fits its filters, in order, within a beat', async () => {
    const { feed, arrive, beatAfter } = open();
    const [every, warnings] = [await feed.listen(all), await feed.listen(({ severity }) => severity >= 400)];
    await Promise.all([read(every), read(warnings)]);
    arrive(entry(1), entry(2, { severity: 500 }));
    arrive(entry(3));
    beatAfter(200);
    const ids = (events: Event[]) =>
      events.flatMap(({ data }) => data.entries!.map(({ insert_id }) => insert_id));
    expect(ids(await read(every))).toEqual(['b-1', 'b-2', 'b-3']);
    expect(ids(await read(warnings))).toEqual(['b-2']);
  });

  it('fifty who listen share one source, which closes some time after the last one left', async () => {
    const { feed, sources, beatAfter } = open();
    const listeners = await Promise.all(Array.from({ length: 50 }, () => feed.listen(all)));
    expect(sources()).toBe(1);
    for (const one of listeners) one.close();
    beatAfter(5000);
    expect(sources()).toBe(1);
    beatAfter(6000);
    await feed.close();
    expect(sources()).toBe(0);
  });

  it('more than an instance bears are refused, and those who listen stay', async () => {
    const { feed } = open(2);
    const [first] = [await feed.listen(all), await feed.listen(all)];
    await expect(feed.listen(all)).rejects.toMatchObject({ name: 'TailFull' });
    first.close();
    await expect(feed.listen(all)).resolves.toBeDefined();
  });

  it('a client that does not read costs a bounded queue, and is told of the gap when it reads again', async () => {
    const { feed, arrive, beatAfter } = open();
    const slow = await feed.listen(all);
    await read(slow);
    let sent = 0;
    for (let beat = 0; beat < 500; beat++) {
      arrive(...Array.from({ length: 90 }, () => entry(++sent, { message: 'x'.repeat(1000) })));
      beatAfter(200);
      expect(slow.waiting).toBeLessThan(1_300_000);
    }
    const events = await read(slow);
    const shown = events.flatMap(({ data }) => data.entries ?? []).length;
    const gap = events.at(-1)!;
    expect(gap.event).toBe('gap');
    expect(shown + gap.data.dropped!).toBe(sent);
    arrive(entry(++sent));
    beatAfter(200);
    expect((await read(slow)).map(({ event }) => event)).toEqual(['entries']);
  });

  it('of more lines than anybody reads the newest are shown, and all are counted', async () => {
    const { feed, arrive, beatAfter } = open();
    const listener = await feed.listen(all);
    await read(listener);
    // A second's worth at once, as a batch comes; then what the time since allows.
    for (const shown of [500, 100]) {
      arrive(...Array.from({ length: 1000 }, (_, i) => entry(i)));
      beatAfter(200);
      const [event] = await read(listener);
      expect(event!.data.matched).toBe(1000);
      expect(event!.data.entries).toHaveLength(shown);
      expect(event!.data.entries!.at(-1)!.insert_id).toBe('b-999');
    }
  });

  it('a connection without entries hears a sign of life every fifteen seconds', async () => {
    const { feed, beatAfter } = open();
    const listener = await feed.listen(all);
    await read(listener);
    beatAfter(14_000);
    expect(listener.waiting).toBe(0);
    beatAfter(1000);
    expect(await listener.next()).toMatch(/^: /);
  });

  it('a source that cannot be opened is tried anew by the next who listens', async () => {
    let fails = true;
    const feed = new Feed({
      source: async () => {
        if (fails) throw new Error('away');
        return { close: async () => undefined };
      },
      ...{ clock: () => START_MS, maxListeners: 5, report: () => undefined },
    });
    await expect(feed.listen(all)).rejects.toThrow('away');
    expect(feed.size).toBe(0);
    fails = false;
    await expect(feed.listen(all)).resolves.toBeDefined();
  });

  it('the answer is taken from the queue only as it is read, and a client that leaves is forgotten', async () => {
    const { feed, arrive, beatAfter } = open();
    const leaving = new AbortController();
    const response = tailResponse(await feed.listen(all), leaving.signal);
    const reader = response.body!.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toContain('event: ready');
    arrive(entry(1));
    beatAfter(200);
    expect(new TextDecoder().decode((await reader.read()).value)).toContain('line 1');
    leaving.abort();
    expect(feed.size).toBe(0);
    expect((await reader.read()).done).toBe(true);
  });
});
