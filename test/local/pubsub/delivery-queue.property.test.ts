import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DeliveryQueue } from '../../../local/pubsub/delivery-queue.ts';
import type { Delivery, QueuedMessage } from '../../../local/pubsub/entry.ts';
import { ManualTimers } from '../../manual-timers.ts';

type Step =
  | { readonly do: 'add'; readonly key: string }
  | { readonly do: 'lease'; readonly messages: number; readonly isParallel: boolean }
  | { readonly do: 'ack' | 'nack' | 'release'; readonly pick: number }
  | { readonly do: 'advance'; readonly ms: number };

const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('add' as const), key: fc.constantFrom('', 'a', 'b') }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('lease' as const),
        messages: fc.integer({ min: 1, max: 5 }),
        isParallel: fc.boolean(),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({ do: fc.constantFrom('ack', 'ack', 'nack', 'release'), pick: fc.nat(50) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ max: 9_000, min: 1 }) }),
    },
  ) as fc.Arbitrary<Step>,
  { maxLength: 80 },
);

class Run {
  readonly timers = new ManualTimers();
  readonly keys: string[] = [];
  readonly settled: number[] = [];
  readonly out = new Map<number, Delivery<QueuedMessage>>();
  readonly queue = new DeliveryQueue<QueuedMessage>(
    { ackDeadlineMs: 5_000, isOrdered: true, retry: { minMs: 1_000, maxMs: 4_000 } },
    this.timers,
    {
      ready: () => {},
      settled: ({ id }) => this.settled.push(id),
      failed: () => {},
      deadLetter: () => false,
    },
  );

  async take(step: Step): Promise<void> {
    if (step.do === 'add') this.add(step.key);
    else if (step.do === 'lease') this.lease(step.messages, step.isParallel);
    else if (step.do === 'advance') await this.timers.advance(step.ms);
    else this.answer(step.do, step.pick);
  }

  add(orderingKey: string): void {
    this.keys.push(orderingKey);
    this.queue.add({ id: this.keys.length, publishTimeMs: this.timers.now(), bytes: 1, orderingKey });
  }

  lease(messages: number, isParallel: boolean): Delivery<QueuedMessage>[] {
    const deliveries = this.queue.lease({
      messages,
      isParallel,
      bytes: Infinity,
      onEnd: ({ message }) => this.out.delete(message.id),
    });
    for (const delivery of deliveries) {
      // A message is in one pair of hands at a time, and never comes back once settled.
      expect(this.out.has(delivery.message.id)).toBe(false);
      expect(this.settled).not.toContain(delivery.message.id);
      this.out.set(delivery.message.id, delivery);
    }
    return deliveries;
  }

  answer(how: 'ack' | 'nack' | 'release', pick: number): void {
    const all = [...this.out.values()];
    const delivery = all[pick % Math.max(1, all.length)];
    if (delivery === undefined) return;
    if (how === 'ack') this.queue.ack(delivery.message.id);
    else this.queue[how](delivery);
  }

  async drain(): Promise<void> {
    for (let round = 0; this.settled.length < this.keys.length && round < 1_000; round++) {
      for (const { message } of this.lease(3, round % 2 === 0)) this.queue.ack(message.id);
      await this.timers.advance(500);
    }
  }
}

it('loses nothing, doubles nothing at a time, and keeps each key in order, whatever consumers do', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const run = new Run();
      for (const step of all) await run.take(step);
      await run.drain();
      expect([...run.settled].sort((a, b) => a - b)).toEqual(run.keys.map((_, index) => index + 1));
      for (const key of ['a', 'b']) {
        const ofKey = run.settled.filter((id) => run.keys[id - 1] === key);
        expect(ofKey).toEqual([...ofKey].sort((a, b) => a - b));
      }
      expect(run.queue.stats).toMatchObject({ unacked: 0, leased: 0 });
    }),
    { numRuns: 200 },
  );
});
