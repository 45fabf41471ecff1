/** The pipeline's own health and the objectives, asked of the local BigQuery over rows that the functions' writer wrote. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkHealth, type HealthOptions } from '../../../functions/alert/health.ts';
import type { Observation } from '../../../functions/alert/observation.ts';
import { alertConfig } from '../../../functions/alert/rules/config.ts';
import { PIPELINE } from '../../../functions/alert/rules/defaults.ts';
import { newService, observe } from '../../../functions/alert/service.ts';
import { serviceStats } from '../../../functions/service-stats.ts';
import { predictions } from '../../../functions/warehouse/prediction-table.ts';
import { type DeadLetter, deadLetters } from '../../../functions/warehouse/tables.ts';
import type { Warehouse } from '../../../functions/warehouse/warehouse.ts';
import { serviceWindows } from '../../../functions/warehouse/window-tables.ts';
import { applySql } from '../../../sql/apply.ts';
import { DATASET, writerOf } from '../../local/bigquery/client.ts';
import { entry } from '../../local/bigquery/entries.ts';
import { useBigquery } from '../../local/bigquery/fixture.ts';

const bigquery = useBigquery();
let warehouse: Warehouse;

beforeAll(async () => {
  await applySql({ bigquery: bigquery.client, dataset: DATASET });
  warehouse = writerOf(bigquery.service);
});
afterAll(() => warehouse.close());

const MINUTE = 60_000;
const config = alertConfig({
  objectives: [{ services: ['pay*'], target: 0.99, long: '1h', short: '5m' }],
});

const check = (hasModels = true): Promise<Observation[]> => {
  const options: HealthOptions = {
    ...{ bigquery: bigquery.client, dataset: DATASET, config, hasModels, everyMs: 5 * MINUTE },
  };
  return checkHealth(options, Date.now());
};

/** The rules that an observation breaks at once. */
function broken(observation: Observation): string[] {
  const context = { config, silences: [], nowMs: Date.now() };
  return observe(newService(observation.service), observation, context)
    .changes.filter(({ to }) => to === 'firing')
    .map(({ rule }) => rule);
}

/** A window of 100 entries that ended so long ago, and was written so long after its end. */
function windowRow(service: string, endedMs: number, lagMs: number, errors: number) {
  const end = Math.floor((Date.now() - endedMs) / 10_000) * 10_000;
  const stats = Array.from({ length: 100 }, (_, i) =>
    entry(i, { service, severity: i < errors ? 500 : 200 }),
  ).reduce(serviceStats.add, serviceStats.create());
  return {
    ...{ job: 'service_health', key: service, start: end - 10_000, end, revision: 1, tombstone: false },
    ...{ incomplete: false, parts: 1, emittedAtMs: end + lagMs, value: serviceStats.result(stats) },
  };
}

const letter = (i: number, stage: DeadLetter['stage'], agoMs = MINUTE): DeadLetter => ({
  ...{ insert_id: `${stage}-${i}`, part: 0, parts: 1, received_at: (Date.now() - agoMs) * 1000, stage },
  ...{ reason: 'truncated', detail: 'it ends too early', message_id: '1', attributes: '{}' },
  raw: Buffer.from('x'),
});

const prediction = (i: number, fallback: boolean) => ({
  ...{ service: `s${i}`, window_start: (Date.now() - 2 * MINUTE) * 1000, model: 'verdict' as const },
  ...{ model_version: null, revision: 1, predicted_at: (Date.now() - MINUTE) * 1000, score: 0.1 },
  ...{ threshold: 0.6, positive: false, horizon_s: null, category: null, explanation: null },
  decided_by: fallback ? ('fallback' as const) : ('model' as const),
});

describe('the health of the pipeline', () => {
  it('is nothing to tell of where nothing has happened yet', async () => {
    const observations = await check();
    expect(observations.map(({ service }) => service)).toEqual([PIPELINE]);
    expect(observations[0]?.signals).toEqual({
      dead_letters: expect.objectContaining({ now: 0 }),
      failed_writes: expect.objectContaining({ now: 0 }),
    });
    expect(broken(observations[0]!)).toEqual([]);
  });

  it('breaks no rule while windows close in time, a few records are refused and models mostly answer', async () => {
    await warehouse.append(serviceWindows, [
      windowRow('auth', 2 * MINUTE, 7_000, 0),
      // Late data came for a window of an hour ago: no lag.
      { ...windowRow('auth', 60 * MINUTE, 7_000, 0), emittedAtMs: Date.now() - MINUTE },
      windowRow('payment', 2 * MINUTE, 9_000, 1),
    ]);
    await warehouse.append(deadLetters, [letter(0, 'parse'), letter(1, 'ingest'), letter(2, 'window')]);
    await warehouse.append(
      predictions,
      [0, 1, 2, 3].map((i) => prediction(i, i === 0)),
    );
    const [health, ...spent] = await check();
    expect(health?.signals.lag?.now).toBe(7_000);
    expect(health?.signals.dead_letters?.now).toBe(3);
    expect(health?.signals.model_fallback?.now).toBe(0.25);
    expect(broken(health!)).toEqual([]);
    expect(spent.map(({ service }) => service)).toEqual(['payment']);
    expect(spent.flatMap(broken)).toEqual([]);
  });

  it('counts a record once, in how many parts and how often it was written', async () => {
    const many = Array.from({ length: 60 }, (_, i) => letter(i, 'parse'));
    await warehouse.append(deadLetters, many);
    await warehouse.append(deadLetters, [...many, { ...many[0]!, part: 1, parts: 2 }]);
    // Refused long ago.
    await warehouse.append(
      deadLetters,
      Array.from({ length: 200 }, (_, i) => letter(1000 + i, 'parse', 30 * MINUTE)),
    );
    const [health] = await check();
    // With the two of other stages that are there from before; parse-0 was one of them.
    expect(health?.signals.dead_letters?.now).toBe(62);
    expect(broken(health!)).toEqual([]);
  });

  it('is told of when records are refused in numbers, writes fail, and models do not answer', async () => {
    await warehouse.append(
      deadLetters,
      Array.from({ length: 150 }, (_, i) => letter(i, 'ingest')),
    );
    await warehouse.append(deadLetters, [letter(0, 'warehouse')]);
    await warehouse.append(
      predictions,
      Array.from({ length: 12 }, (_, i) => prediction(100 + i, true)),
    );
    const [health] = await check();
    expect(broken(health!).sort()).toEqual(['dead_letters', 'failed_writes', 'model_fallback']);
  });

  it('does not miss models that nobody set up', async () => {
    const [health] = await check(false);
    expect(health?.signals.model_fallback).toBeUndefined();
  });

  it('lags when not one window closes in time', async () => {
    await empty('service_windows');
    await warehouse.append(serviceWindows, [
      windowRow('auth', 3 * MINUTE, 170_000, 0),
      windowRow('payment', 3 * MINUTE, 175_000, 0),
    ]);
    const [health] = await check();
    expect(health?.signals.lag?.now).toBe(170_000);
    expect(broken(health!)).toContain('pipeline_lag');
  });
});

const empty = (table: string): Promise<unknown> =>
  bigquery.client.query(`DELETE FROM ${DATASET}.${table} WHERE window_start > TIMESTAMP '2000-01-01'`);

describe('an objective', () => {
  it('is spent too fast when errors burn in the long and in the short time, by the services it names alone', async () => {
    const burning = [3, 10, 20, 30].flatMap((minutes) => [
      windowRow('payment', minutes * MINUTE, 7_000, 60),
      windowRow('search', minutes * MINUTE, 7_000, 60),
    ]);
    await warehouse.append(serviceWindows, burning);
    const [, ...spent] = await check();
    expect(spent.map(({ service }) => service)).toEqual(['payment']);
    expect(spent.flatMap(broken)).toEqual(['slo_burn']);
  });

  it('is not when the errors were before the short time', async () => {
    await warehouse.append(
      serviceWindows,
      [20, 25, 30, 40].map((minutes) => windowRow('pay-later', minutes * MINUTE, 7_000, 90)),
    );
    await warehouse.append(serviceWindows, [windowRow('pay-later', 2 * MINUTE, 7_000, 0)]);
    const [, ...spent] = await check();
    const later = spent.find(({ service }) => service === 'pay-later');
    expect(later?.signals.burn_rate?.now).toBe(0);
    expect(broken(later!)).toEqual([]);
  });
});
