import { describe, expect, it } from 'vitest';
import { readBatch } from '../../../functions/ingest/batch.ts';
import { isFailure } from '../../../functions/ingest/failure.ts';
import { fluentdBatch } from '../../../local/generator/fluentd-batch.ts';
import type { Incident } from '../../../local/generator/incident.ts';
import { type RunnerOptions, readOptions } from '../../../local/generator/options.ts';
import { Runner } from '../../../local/generator/runner.ts';
import type { Message } from '../../../local/ship/publisher.ts';
import { ManualTimers } from '../../manual-timers.ts';

const ENDPOINTS = { pubsub: 'x', bigquery: 'x', projectId: 'p', dataset: 'd', topic: 't' };

const optionsOf = (options: object = {}): RunnerOptions =>
  readOptions(
    JSON.stringify({ endpoints: ENDPOINTS, seed: 7, rate: 500, rhythm: 0, incidentEveryMs: 0, ...options }),
  );

function recordsOf({ data, attributes }: Message): readonly string[] {
  const batch = readBatch({ data, attributes, messageId: '1', publishTimeUs: 0 }, { maxUnpackedBytes: 1e8 });
  if (isFailure(batch)) throw new Error(batch.detail);
  return batch.records.texts;
}

function harness(options: object = {}) {
  const timers = new ManualTimers();
  const startMs = timers.now();
  const abort = new AbortController();
  const messages: Message[] = [];
  const told: Incident[] = [];
  const failures: unknown[] = [];
  let broken = false;
  const runner = new Runner(optionsOf(options), {
    publisher: {
      publish: async (message) => {
        if (broken) throw new Error('no');
        messages.push(message);
      },
    },
    tell: (incidents) => told.push(...incidents.filter(({ id }) => told.every((one) => one.id !== id))),
    timers,
    signal: abort.signal,
    failed: (error) => failures.push(error),
  });
  return {
    timers,
    startMs,
    runner,
    messages,
    told,
    failures,
    /** Lets time pass, and gives what one tick then publishes. */
    async tick(ms: number): Promise<string[]> {
      await timers.advance(ms);
      await runner.tick();
      abort.abort();
      await runner.run();
      return messages.splice(0).flatMap(recordsOf);
    },
    setBroken: () => {
      broken = true;
    },
  };
}

describe('the generator by the clock', () => {
  it('publishes what a second brings, as Fluentd does', async () => {
    const { tick, messages, runner } = harness();
    const records = await tick(1000);
    expect(records.length / 500).toBeCloseTo(1, 0.5);
    expect(messages).toEqual([]);
    expect(runner.stats()).toMatchObject({
      lines: records.length,
      messages: 1,
      skipped_ms: 0,
      failed_lines: 0,
    });
  });

  it('makes batches of a thousand lines at most', async () => {
    const { timers, runner, messages } = harness({ rate: 2500 });
    await timers.advance(1000);
    await runner.tick();
    while (messages.length < 3) await new Promise(setImmediate);
    const sizes = messages.map((message) => recordsOf(message).length);
    expect(sizes.filter((size) => size === 1000)).toHaveLength(2);
    expect(messages[0]!.attributes).toEqual({ compression_algorithm: 'zlib' });
  });

  it('gives the same lines in one late tick as in many', async () => {
    const late = await harness().tick(3000);
    const often = harness();
    const lines = [...(await often.tick(1000)), ...(await often.tick(700)), ...(await often.tick(1300))];
    expect(lines.length).toBe(late.length);
    // Messages may overtake each other; a difference of a thousand lines would be no use to a reader.
    expect(lines.sort().join() === late.sort().join()).toBe(true);
  });

  it('passes over what is too far behind, and says how much', async () => {
    const { tick, runner } = harness();
    const records = await tick(60_000);
    expect(records.length / 500 / 5).toBeCloseTo(1, 0.5);
    expect(runner.stats()).toMatchObject({ skipped_ms: 55_000 });
  });

  it('goes on when a batch cannot be published, and counts its lines', async () => {
    const { tick, setBroken, failures, runner } = harness();
    setBroken();
    await tick(1000);
    expect(failures).toHaveLength(1);
    expect(runner.stats()).toMatchObject({ lines: 0, failed_lines: expect.any(Number) });
    expect(runner.stats().failed_lines).toBeGreaterThan(300);
  });

  it('goes on at another rate when told to', async () => {
    const { tick, runner } = harness();
    await tick(1000);
    runner.setRate(2000);
    expect((await tick(1000)).length / 2000).toBeCloseTo(1, 0.5);
    expect(() => runner.setRate(-1)).toThrow(/rate: -1 is not allowed/);
  });
});

describe('incidents of a running generator', () => {
  it('one comes soon after the start, so that a demo has something to show', async () => {
    const { tick, told, startMs } = harness();
    await tick(89_000);
    expect(told).toEqual([]);
    await tick(2000);
    expect(told).toMatchObject([{ kind: 'error_burst', startMs: startMs + 90_000 }]);
  });

  it('none comes soon where none is wanted', async () => {
    const { tick, told } = harness({ firstIncidentAfterMs: 0 });
    await tick(100_000);
    expect(told).toEqual([]);
  });

  it('comes when it was asked for, and is told of once', async () => {
    const { tick, told, runner } = harness({ firstIncidentAfterMs: 0 });
    await tick(1000);
    runner.add({ kind: 'silent_service', service: 'user', afterMs: 500, durationMs: 60_000 });
    await tick(1000);
    await tick(1000);
    expect(told).toMatchObject([{ kind: 'silent_service' }]);
    expect(runner.stats()).toMatchObject({ incidents: 'silent_service user' });
    expect((await tick(20_000)).filter((line) => line.includes('"application":"user"'))).toEqual([]);
  });

  it('may be asked for in the options', async () => {
    const incidents = [{ kind: 'new_error_pattern', service: 'auth', afterMs: 2000 }];
    const { tick, told, startMs } = harness({ firstIncidentAfterMs: 0, incidents });
    await tick(3000);
    expect(told).toMatchObject([{ kind: 'new_error_pattern', startMs: startMs + 2000 }]);
  });
});

describe('options of the process', () => {
  it.each([
    ['{', /are no JSON/],
    ['{}', /options of the generator: endpoints/],
    [JSON.stringify({ endpoints: ENDPOINTS, seed: 1, rate: 1, raet: 2 }), /raet/],
    [
      JSON.stringify({ endpoints: ENDPOINTS, seed: 1, rate: 1, incidents: [{ kind: 'flood' }] }),
      /incidents\.0\.kind/,
    ],
  ])('%s is refused by name', (json, message) => {
    expect(() => readOptions(json)).toThrow(message);
  });
});

it('a batch is read back whole, whatever its lines', async () => {
  const lines = ['{"a":1}', '{"b":"é\\u001e"}'];
  expect(recordsOf(await fluentdBatch(lines))).toEqual(lines);
  expect(recordsOf(await fluentdBatch(['{"one":1}']))).toEqual(['{"one":1}']);
});
