import { beforeAll, expect, it } from 'vitest';
import { ManualTimers } from '../../manual-timers.ts';
import { DATASET, rowsOf } from './client.ts';
import { useBigquery } from './fixture.ts';

/** 2026-11-20 10:00 UTC. */
const timers = new ManualTimers();
const bigquery = useBigquery({ timers });
const DAY_MS = 86_400_000;

beforeAll(async () => {
  await bigquery.client.createDataset(DATASET);
});

const daysOf = async (table: string) =>
  (await rowsOf(bigquery.client, `SELECT CAST(day AS STRING) AS day FROM ${table} ORDER BY day`)).map(
    ({ day }) => day,
  );

/** The removal runs beside the clock: time goes on and the question is asked again until it is as expected. */
const eventually = (check: () => Promise<void>) =>
  expect
    .poll(async () => {
      await timers.advance(11 * 60_000);
      return check().then(() => true);
    })
    .toBe(true);

it('partitions go as a whole when their start is older than the table keeps, and tables at their time', async () => {
  const dataset = bigquery.client.dataset(DATASET);
  await dataset.createTable('kept', {
    schema: 'day:DATE',
    timePartitioning: { type: 'DAY', field: 'day', expirationMs: String(3 * DAY_MS) },
  });
  await dataset.createTable('whole', { schema: 'day:DATE', timePartitioning: { type: 'DAY', field: 'day' } });
  const rows = ['2026-11-16', '2026-11-17', '2026-11-18', '2026-11-20'].map((day) => ({ day }));
  for (const name of ['kept', 'whole']) await dataset.table(name).insert(rows);
  await dataset.createTable('brief', {
    schema: 'a:STRING',
    expirationTime: String(timers.now() + DAY_MS / 2),
  });

  await eventually(async () => expect(await daysOf('kept')).toEqual(['2026-11-18', '2026-11-20']));
  expect(await daysOf('whole')).toHaveLength(4);
  expect(await dataset.table('brief').exists()).toEqual([true]);

  await timers.advance((16 * DAY_MS) / 24);
  await eventually(async () => expect(await daysOf('kept')).toEqual(['2026-11-20']));
  await eventually(async () => expect(await dataset.table('brief').exists()).toEqual([false]));
});
