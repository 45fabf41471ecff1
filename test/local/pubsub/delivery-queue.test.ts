import { describe, expect, it } from 'vitest';
import {
  type DeliveryPolicy,
  DeliveryQueue,
  type LeaseOptions,
} from '../../../local/pubsub/delivery-queue.ts';
import type { Delivery, DeliveryEnd, QueuedMessage } from '../../../local/pubsub/entry.ts';
import { ManualTimers } from '../../manual-timers.ts';

const policy: DeliveryPolicy = { ackDeadlineMs: 10_000, isOrdered: false };

interface Fixture {
  readonly timers: ManualTimers;
  readonly queue: DeliveryQueue<QueuedMessage>;
  readonly settled: number[];
  readonly failed: [number, number][];
  readonly dead: [number, number][];
  readonly add: (id: number, orderingKey?: string) => void;
  readonly lease: (options?: Partial<LeaseOptions<QueuedMessage>>) => Delivery<QueuedMessage>[];
}

function fixture(over: Partial<DeliveryPolicy> = {}, hasDeadLetterTopic = true): Fixture {
  const timers = new ManualTimers();
  const settled: number[] = [];
  const failed: [number, number][] = [];
  const dead: [number, number][] = [];
  const queue = new DeliveryQueue<QueuedMessage>({ ...policy, ...over }, timers, {
    ready: () => {},
    settled: ({ id }) => settled.push(id),
    failed: ({ id }, failures) => failed.push([id, failures]),
    deadLetter: ({ id }, attempts) => {
      if (hasDeadLetterTopic) dead.push([id, attempts]);
      return hasDeadLetterTopic;
    },
  });
  return {
    timers,
    queue,
    settled,
    failed,
    dead,
    add: (id, orderingKey = '') => queue.add({ id, publishTimeMs: timers.now(), bytes: 100, orderingKey }),
    lease: (options = {}) => queue.lease({ messages: 100, bytes: Infinity, ...options }),
  };
}

const ids = (deliveries: readonly Delivery<QueuedMessage>[]): number[] => deliveries.map((d) => d.message.id);

describe('handing out', () => {
  it('goes from the oldest on, each message once', () => {
    const { add, lease } = fixture();
    for (const id of [1, 2, 3]) add(id);
    expect(ids(lease({ messages: 2 }))).toEqual([1, 2]);
    expect(ids(lease())).toEqual([3]);
    expect(ids(lease())).toEqual([]);
  });

  it('stops when the consumer has its bytes, but gives one message whatever its size', () => {
    const { add, lease } = fixture();
    for (const id of [1, 2, 3]) add(id);
    expect(ids(lease({ bytes: 150 }))).toEqual([1, 2]);
    expect(ids(lease({ bytes: 1 }))).toEqual([3]);
  });
});

describe('acknowledging', () => {
  it('forgets the message for good', async () => {
    const { add, lease, queue, settled, timers } = fixture();
    add(1);
    lease();
    expect(queue.ack(1)).toBe(true);
    await timers.advance(60_000);
    expect(ids(lease())).toEqual([]);
    expect(settled).toEqual([1]);
    expect(queue.stats).toMatchObject({ unacked: 0, leased: 0, delivered: 1, acked: 1, nacked: 0 });
  });

  it('is good after the deadline too, while the message waits to go out again', async () => {
    const { add, lease, queue, timers } = fixture();
    add(1);
    lease();
    await timers.advance(10_000);
    expect(queue.ack(1)).toBe(true);
    expect(ids(lease())).toEqual([]);
  });

  it('a second time changes nothing', () => {
    const { add, lease, queue } = fixture();
    add(1);
    lease();
    queue.ack(1);
    expect(queue.ack(1)).toBe(false);
    expect(queue.stats.acked).toBe(1);
  });
});

describe('a message that is not acknowledged', () => {
  it('is with its consumer until the deadline, and goes out again then', async () => {
    const { add, lease, timers, failed } = fixture();
    add(1);
    lease();
    await timers.advance(9_999);
    expect(ids(lease())).toEqual([]);
    await timers.advance(1);
    const [again] = lease();
    expect(again?.attempt).toBe(2);
    expect(failed).toEqual([[1, 1]]);
  });

  it('stays longer with a consumer that asks for more time', async () => {
    const { add, lease, queue, timers } = fixture();
    add(1);
    const [delivery] = lease();
    await timers.advance(9_000);
    queue.extend(delivery!, 30_000);
    await timers.advance(29_999);
    expect(ids(lease())).toEqual([]);
    await timers.advance(1);
    expect(ids(lease())).toEqual([1]);
  });

  it('goes out again at once when it is given back and there is no retry policy', () => {
    const { add, lease, queue } = fixture();
    add(1);
    queue.nack(lease()[0]!);
    expect(ids(lease())).toEqual([1]);
  });

  it('waits twice as long after each failure, within the bounds of its retry policy', async () => {
    const { add, lease, queue, timers } = fixture({ retry: { minMs: 10_000, maxMs: 35_000 } });
    add(1);
    const waits: number[] = [];
    for (let delivery = lease()[0]; delivery && waits.length < 4; ) {
      queue.nack(delivery);
      const fromMs = timers.now();
      do {
        await timers.advance(1_000);
        delivery = lease()[0];
      } while (delivery === undefined);
      waits.push(timers.now() - fromMs);
    }
    expect(waits).toEqual([10_000, 20_000, 35_000, 35_000]);
  });

  it('ignores what a consumer says that lost it to the deadline', async () => {
    const { add, lease, queue, timers } = fixture();
    add(1);
    const [first] = lease();
    await timers.advance(10_000);
    const [second] = lease();
    queue.nack(first!);
    queue.extend(first!, 1);
    await timers.advance(9_000);
    expect(queue.find(1, second!.serial)).toBe(second);
    expect(queue.find(1, first!.serial)).toBeUndefined();
  });

  it('counts no attempt when it never reached its consumer', () => {
    const { add, lease, queue, failed } = fixture({ retry: { minMs: 10_000, maxMs: 20_000 } });
    add(1);
    queue.release(lease()[0]!);
    expect(lease()[0]?.attempt).toBe(1);
    expect(failed).toEqual([]);
    expect(queue.stats.nacked).toBe(0);
  });

  it('tells its consumer how the delivery ended', async () => {
    const { add, lease, queue, timers } = fixture();
    const ends: DeliveryEnd[] = [];
    const onEnd = (_: unknown, end: DeliveryEnd) => ends.push(end);
    add(1);
    queue.nack(lease({ onEnd })[0]!);
    lease({ onEnd });
    await timers.advance(10_000);
    lease({ onEnd });
    queue.ack(1);
    expect(ends).toEqual(['nacked', 'expired', 'acked']);
  });
});

describe('a dead-letter policy', () => {
  it('takes over a message with the attempt that reaches its limit', async () => {
    const { add, lease, queue, dead, settled, timers } = fixture({ maxAttempts: 5 });
    add(1);
    for (let attempt = 1; attempt <= 4; attempt++) queue.nack(lease()[0]!);
    expect(lease()[0]?.attempt).toBe(5);
    await timers.advance(10_000);
    expect(dead).toEqual([[1, 5]]);
    expect(settled).toEqual([1]);
    expect(queue.stats).toMatchObject({ unacked: 0, deadLettered: 1, nacked: 5 });
  });

  it('keeps the message going while its dead-letter topic is missing', () => {
    const { add, lease, queue } = fixture({ maxAttempts: 5 }, false);
    add(1);
    for (let attempt = 1; attempt <= 7; attempt++) queue.nack(lease()[0]!);
    expect(lease()[0]?.attempt).toBe(8);
  });

  it('goes on counting where an earlier run of the process stopped', () => {
    const { queue, lease, dead, timers } = fixture({ maxAttempts: 5 });
    queue.add({ id: 1, publishTimeMs: timers.now(), bytes: 1, orderingKey: '' }, 4);
    queue.nack(lease()[0]!);
    expect(dead).toEqual([[1, 5]]);
  });
});

describe('ordering keys', () => {
  it('holds a key back while messages of it are out, and lets others pass', () => {
    const { add, lease, queue } = fixture({ isOrdered: true });
    add(1, 'a');
    add(2, 'a');
    add(3, 'b');
    expect(ids(lease({ messages: 1 }))).toEqual([1]);
    expect(ids(lease())).toEqual([3]);
    queue.ack(1);
    expect(ids(lease())).toEqual([2]);
  });

  it('hands one consumer a run of a key in order, but one at a time to those that work in parallel', () => {
    const runs = fixture({ isOrdered: true });
    const parallel = fixture({ isOrdered: true });
    for (const { add } of [runs, parallel]) for (const id of [1, 2, 3]) add(id, 'a');
    expect(ids(runs.lease())).toEqual([1, 2, 3]);
    expect(ids(parallel.lease({ isParallel: true }))).toEqual([1]);
  });

  it('delivers what came after a failed message again, acknowledged or not', () => {
    const { add, lease, queue, settled } = fixture({ isOrdered: true });
    for (const id of [1, 2, 3]) add(id, 'a');
    const [, second] = lease();
    queue.ack(3);
    expect(settled).toEqual([]);
    queue.nack(second!);
    expect(ids(lease())).toEqual([]);
    queue.ack(1);
    expect(settled).toEqual([1]);
    expect(ids(lease())).toEqual([2, 3]);
  });

  it('keeps a key back during the back-off of its first message', async () => {
    const { add, lease, queue, timers } = fixture({
      isOrdered: true,
      retry: { minMs: 1_000, maxMs: 1_000 },
    });
    for (const id of [1, 2]) add(id, 'a');
    queue.nack(lease()[0]!);
    await timers.advance(999);
    expect(ids(lease())).toEqual([]);
    await timers.advance(1);
    expect(ids(lease())).toEqual([1, 2]);
  });

  it('goes on with the key when a message went to the dead-letter topic', () => {
    const { add, lease, queue, dead } = fixture({ isOrdered: true, maxAttempts: 1 });
    for (const id of [1, 2]) add(id, 'a');
    queue.nack(lease({ messages: 1 })[0]!);
    expect(dead).toEqual([[1, 1]]);
    expect(ids(lease())).toEqual([2]);
  });

  it('means nothing to a subscription without ordering', () => {
    const { add, lease } = fixture();
    add(1, 'a');
    add(2, 'a');
    expect(ids(lease({ messages: 1 }))).toEqual([1]);
    expect(ids(lease({ messages: 1 }))).toEqual([2]);
  });
});

describe('dropping by age', () => {
  it('takes out what is older, in whatever state, and leaves the rest', async () => {
    const { add, lease, queue, timers, settled } = fixture({ retry: { minMs: 60_000, maxMs: 60_000 } });
    for (const id of [1, 2, 3]) add(id);
    const [first] = lease({ messages: 2 });
    queue.nack(first!);
    await timers.advance(1_000);
    add(4);
    expect(queue.dropBefore(timers.now())).toBe(3);
    expect(settled).toEqual([1, 2, 3]);
    expect(ids(lease())).toEqual([4]);
  });
});

describe('the oldest message', () => {
  it('has the age since it was published, 0 when there is none', async () => {
    const { add, lease, queue, timers } = fixture();
    expect(queue.stats.oldestUnackedMs).toBe(0);
    add(1);
    await timers.advance(700);
    add(2);
    expect(queue.stats.oldestUnackedMs).toBe(700);
    lease();
    queue.ack(1);
    expect(queue.stats.oldestUnackedMs).toBe(0);
  });
});

describe('timers', () => {
  it('none is left when nothing is out', async () => {
    const { add, lease, queue, timers } = fixture();
    add(1);
    lease();
    queue.ack(1);
    await timers.advance(10_000);
    expect(timers.size).toBe(0);
  });

  it('fire no more for a queue that is closed', async () => {
    const { add, lease, queue, timers, failed } = fixture();
    add(1);
    lease();
    queue.close();
    await timers.advance(60_000);
    expect(failed).toEqual([]);
    expect(ids(lease())).toEqual([]);
  });
});
