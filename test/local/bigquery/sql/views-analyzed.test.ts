import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { columnType, typeText } from '../../../../local/bigquery/sql/type.ts';
import { TestWarehouse } from './duckdb.ts';
import { type Oracle, oracleProgram, startOracle } from './oracle.ts';
import { oracleQuery, oracleTables } from './oracle-query.ts';

const root = new URL('../../../../sql/', import.meta.url);
const files = (folder: string): readonly string[] =>
  readdirSync(new URL(folder, root))
    .filter((name) => name.endsWith('.sql'))
    .map((name) => `${folder}/${name}`);
const views = files('views');

/** What the evaluator says of a query that its analyzer took. */
const analyzed = /^(?:Unsupported built-in function|Unimplemented feature)/;

describe.skipIf(!oracleProgram)(
  `the project's views in Google's analyzer${oracleProgram ? '' : ' (skipped: it does not run on this machine)'}`,
  () => {
    let warehouse: TestWarehouse;
    let oracle: Oracle;
    beforeAll(async () => {
      warehouse = await TestWarehouse.open();
      oracle = await startOracle(oracleProgram!);
      let waiting = [...files('schema'), ...views];
      for (let before = -1; waiting.length !== before; ) {
        before = waiting.length;
        const still: string[] = [];
        for (const file of waiting) {
          await warehouse.run(readFileSync(new URL(file, root), 'utf8')).catch(() => still.push(file));
        }
        waiting = still;
      }
    });
    afterAll(async () => {
      warehouse.close();
      await oracle.close();
    });

    it.each(views)('%s is valid, and its columns have the types that we say', async (file) => {
      const name = `logs.${file.replace(/^.*\/|\.sql$/g, '')}`;
      const view = warehouse.tables.get(name);
      const tables = await oracleTables(warehouse, true);
      const answer = await oracleQuery(oracle, view?.viewQuery ?? '', tables).catch((error: Error) => error);
      if (answer instanceof Error) {
        expect(answer.message, file).toMatch(analyzed);
        return;
      }
      const plain = (type: string): string => type.replace(/(?<=[<\s])\w+ (?=[A-Z])/g, '');
      expect(answer.columns.map((column) => [column.name, column.type])).toEqual(
        view?.columns.map((column) => [column.name, plain(typeText(columnType(column)))]),
      );
    });
  },
);
