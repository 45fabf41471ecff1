import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestWarehouse } from './duckdb.ts';

describe('SEARCH finds words as the log analyzer makes them', () => {
  let warehouse: TestWarehouse;
  beforeAll(async () => {
    warehouse = await TestWarehouse.open();
  });
  afterAll(() => warehouse.close());

  const message = "'GET /api/v1/Orders/4711 failed: Deadlock found; user=ada@example.com'";
  const labels = `JSON '{"a":{"b":["Timeout at 10.0.0.1",17]},"name":"x\\\\ty","ok":true,"deadlock":1}'`;
  it.each([
    [`SEARCH(${message}, 'deadlock')`, 'true'],
    [`SEARCH(${message}, 'DEADLOCK orders')`, 'true'],
    [`SEARCH(${message}, 'dead')`, 'false'],
    [`SEARCH(${message}, 'orders 4712')`, 'false'],
    [`SEARCH(${message}, '\`orders/4711\`')`, 'true'],
    [`SEARCH(${message}, '\`4711 orders\`')`, 'false'],
    [`SEARCH(${message}, '"deadlock found" ada')`, 'true'],
    [`SEARCH(CAST(NULL AS STRING), 'x')`, null],
    [`SEARCH(${labels}, 'timeout')`, 'true'],
    [`SEARCH(${labels}, '17')`, 'true'],
    [`SEARCH(${labels}, 'deadlock')`, 'false'],
    [`SEARCH(${labels}, '10')`, 'true'],
    [`SEARCH(${labels}, 'y')`, 'true'],
    [`SEARCH(CAST(NULL AS JSON), 'x')`, null],
    [`SEARCH(['a b', 'c'], 'c')`, 'true'],
    [`SEARCH(['a b', 'c'], 'd')`, 'false'],
    [`SEARCH((${message}, ${labels}), 'timeout')`, 'true'],
    [`SEARCH(STRUCT(${message} AS m, ${labels} AS l), 'timeout deadlock')`, 'true'],
    [`SEARCH(STRUCT(CAST(NULL AS STRING) AS m, ${labels} AS l, 5 AS n), 'deadlock')`, 'false'],
  ])('%s is %s', async (sql, found) => {
    expect(await warehouse.cells(`SELECT ${sql}`)).toEqual([[found]]);
  });
});
