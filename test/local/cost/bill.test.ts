import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SETTINGS } from '../../../functions/config.ts';
import { readSettings } from '../../../infra/config.ts';
import {
  batchesPerFile,
  billOf,
  DEFAULT_LOAD,
  othersOf,
  stepsOf,
  tibPerMonth,
} from '../../../local/cost/bill.ts';
import { costTable } from '../../../local/cost/cost-table.ts';
import { PRICES, PRICES_AS_OF } from '../../../local/cost/prices.ts';
import { printBill } from '../../../local/cost/print.ts';

const yaml = createRequire(import.meta.url)('js-yaml') as { load(text: string): unknown };

const usdOf = (component: string, load = DEFAULT_LOAD): number =>
  billOf(load).lines.find((line) => line.component === component)!.usd;

describe('the bill of a month', () => {
  it('counts what is published, pushed and archived, after compression', () => {
    const tib = (500e9 * (365 / 12)) / 5.2 / 2 ** 40 - 10 / 1024;
    expect(usdOf('Pub/Sub, publish and push')).toBeCloseTo(tib * 80, 5);
    expect(usdOf('Pub/Sub, to the archive')).toBeCloseTo(tib * 50, 5);
  });

  it('counts rows written after the free ones, and none with load jobs', () => {
    const gib = (500e9 * 1.02 * (365 / 12)) / 2 ** 30;
    const streamed = { ...DEFAULT_LOAD, byLoadJobs: false };
    expect(usdOf('BigQuery, writing', streamed)).toBeCloseTo((gib - 2048) * 0.025, 5);
    expect(usdOf('BigQuery, writing')).toBe(0);
    expect(usdOf('BigQuery, writing', { ...streamed, gbPerDay: 10 })).toBe(0);
  });

  it('counts the files of load jobs: each write and read, by the batches that go into one, and the runs', () => {
    const messages = (500e9 * (365 / 12)) / 335 / 1000;
    const perSecond = messages / ((365 / 12) * 86_400);
    expect(batchesPerFile(DEFAULT_LOAD)).toBeCloseTo(1 + perSecond / 2, 5);
    const files = messages / (1 + perSecond / 2);
    const runs = (365 / 12) * 1440;
    const gib = ((500e9 * 1.02) / 2 ** 30) * (2 / 1440);
    const usd = ((files + 3 * runs) / 1e4) * 0.05 + (files / 1e4) * 0.004 + runs * 0.000_025_25 + gib * 0.02;
    expect(usdOf('Files for load jobs')).toBeCloseTo(usd, 5);
    // No more than an instance takes at once.
    expect(batchesPerFile({ ...DEFAULT_LOAD, stagingSeconds: 10 })).toBe(24);
  });

  it('counts an instance in full while it has a batch in hand, also one that only waits', () => {
    const seconds = (365 / 12) * 86_400;
    const judging = (((seconds / 10) * 3 * 1000 * 0.08) / 1000) * 0.000_026_5;
    const requests = ((500e9 * (365 / 12)) / 335 / 1000 / 1e6) * 0.4;
    // At 17 batches a second, each in hand for 0.65 s, one instance is never without; another waits, for close.
    expect(usdOf('Functions') - judging - requests).toBeCloseTo(seconds * (0.000_026_5 + 0.000_005), 1);
    const streamed = usdOf('Functions', { ...DEFAULT_LOAD, byLoadJobs: false });
    expect(streamed).toBeLessThan(usdOf('Functions'));
    expect(streamed).toBeGreaterThan(
      usdOf('Functions', { ...DEFAULT_LOAD, byLoadJobs: false, requestSeconds: 0.01 }),
    );
  });

  it('keeps raw messages by the classes of the archive bucket', () => {
    const gibPerDay = 500e9 / 5.2 / 2 ** 30;
    const byAge = gibPerDay * (30 * 0.02 + 60 * 0.01 + 305 * 0.004);
    expect(usdOf('Raw archive', { ...DEFAULT_LOAD, rawDays: null })).toBeCloseTo(byAge, 5);
    expect(usdOf('Raw archive')).toBeCloseTo(gibPerDay * 35 * 0.02, 5);
  });

  it('keeps cold days in the class of the stack, and counts what is read of them', () => {
    const gibPerDay = (500e9 * 1.02) / 7 / 2 ** 30;
    const usd = gibPerDay * (0.02 + 364 * 0.0012) + 0.2 * 1024 * 0.05;
    expect(usdOf('Cold tier, Parquet')).toBeCloseTo(usd, 5);
  });

  it('counts what models take in the process, by services, where they do not cost an endpoint', () => {
    const behind = { ...DEFAULT_LOAD, models: 'endpoint' } as const;
    expect(usdOf('Vertex AI, endpoint', behind)).toBeCloseTo(730 * 0.11, 5);
    expect(usdOf('Vertex AI, endpoint')).toBe(0);
    const firings = ((365 / 12) * 86_400 * 3) / 10;
    const usd = (services: number): number =>
      usdOf('Functions', { ...DEFAULT_LOAD, services }) - usdOf('Functions', { ...behind, services });
    expect(usd(1000)).toBeCloseTo(((firings * 1000 * 0.08) / 1000) * 0.000_026_5, 5);
    expect(usd(10_000)).toBeCloseTo(10 * usd(1000), 5);
  });

  it('counts the stack of the example for prod', async () => {
    const text = await readFile(new URL('../../../infra/examples/Pulumi.prod.yaml', import.meta.url), 'utf8');
    const { config } = yaml.load(text) as { config: Record<string, unknown> };
    const { archive, instances, functions, models, rows } = readSettings(config['logweir:settings']);
    expect(archive).toEqual({ rawDays: DEFAULT_LOAD.rawDays, coldClass: DEFAULT_LOAD.coldClass });
    expect((instances.parse?.min ?? 0) + (instances.close?.min ?? 0)).toBe(DEFAULT_LOAD.waitingInstances);
    expect(functions.LOGWEIR_TIER_AFTER).toBe(`${DEFAULT_LOAD.hotDays}d`);
    expect(functions.LOGWEIR_RETENTION).toBe(`${DEFAULT_LOAD.keepDays}d`);
    expect(instances.parse?.min).toBe(DEFAULT_LOAD.parseInstances);
    expect(SETTINGS.stagingWaitMs.default).toBe(`${DEFAULT_LOAD.stagingSeconds * 1000}ms`);
    expect(models).toBe(DEFAULT_LOAD.models);
    expect(rows).toBe(DEFAULT_LOAD.byLoadJobs ? 'load' : 'stream');
  });

  it('is the sum of its lines, and more logs never cost less', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 5000 }), (a, b) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)].map((gbPerDay) =>
          billOf({ ...DEFAULT_LOAD, gbPerDay }),
        );
        expect(less!.usd).toBeLessThanOrEqual(more!.usd + 1e-9);
        expect(more!.lines.reduce((sum, line) => sum + line.usd, 0)).toBeCloseTo(more!.usd, 6);
        for (const { usd } of more!.lines) expect(usd).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('of the page is that of loading rows only where it is cheaper', () => {
    const writing = costTable().points.map(({ gb_per_day, usd_per_day }) => [
      gb_per_day,
      'Files for load jobs' in usd_per_day,
    ]);
    expect(writing).toContainEqual([100, false]);
    expect(writing).toContainEqual([500, true]);
  });

  it('falls with every optimisation, and says which are not built', () => {
    const steps = stepsOf(DEFAULT_LOAD);
    steps.slice(1).forEach(({ bill, name }, i) => {
      expect(bill.usd, name).toBeLessThan(steps[i]!.bill.usd);
    });
    expect(steps.filter(({ isBuilt }) => !isBuilt).map(({ name }) => name)).toEqual([]);
    // What the code does today is the bill of the defaults.
    expect(steps.findLast(({ isBuilt }) => isBuilt)!.bill.usd).toBeCloseTo(billOf(DEFAULT_LOAD).usd, 6);
  });

  it('stands beside the list prices of others', () => {
    const logging = othersOf(DEFAULT_LOAD).find(({ component }) => component === 'Cloud Logging')!.usd;
    const gib = tibPerMonth(DEFAULT_LOAD) * 1024;
    expect(logging).toBeCloseTo(gib * (0.5 + 0.01 * (395 / (365 / 12) - 1)), 5);
  });

  it('is printed with the date of its prices, all assumptions and whether the goal is reached', () => {
    const text = printBill(DEFAULT_LOAD);
    expect(text).toContain(`Prices as of ${PRICES_AS_OF}, from memory, not compared`);
    for (const name of Object.keys(DEFAULT_LOAD)) expect(text).toContain(`  ${name} = `);
    for (const { per } of Object.values(PRICES)) expect(text).toContain(per);
    expect(text).toMatch(/goal \$60 a TiB: (not )?reached/);
  });
});
