/** Every statement of sql/ in Google's own analyzer of GoogleSQL, over a catalogue made from our DDL. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dictionary } from '../../sql/dictionary.ts';
import type { TestWarehouse } from '../local/bigquery/sql/duckdb.ts';
import { type Oracle, oracleProgram, startOracle } from '../local/bigquery/sql/oracle.ts';
import { analyze, googleCatalogue } from './google-catalogue.ts';
import { openProject, PARTS, projectFiles } from './project.ts';

const files = PARTS.flatMap(projectFiles);

describe.skipIf(!oracleProgram)(
  `Google's analyzer${oracleProgram ? '' : ' (skipped: it does not run on this machine)'}`,
  () => {
    let warehouse: TestWarehouse;
    let oracle: Oracle;
    let catalogue: object;
    beforeAll(async () => {
      warehouse = await openProject();
      oracle = await startOracle(oracleProgram!);
      catalogue = googleCatalogue(warehouse, oracle);
    });
    afterAll(async () => {
      warehouse.close();
      await oracle.close();
    });

    it('is given every folder of statements', () => {
      for (const part of PARTS) expect(files.some((file) => file.part === part)).toBe(true);
      expect(files.length).toBeGreaterThan(65);
    });

    it.each(files)('takes $path', async ({ sql }) => {
      await analyze(oracle, sql, catalogue);
    });

    it('takes the examples of the data dictionary, which ours runs too', async () => {
      const [, block = ''] = /```sql\n([\s\S]*?)```/.exec(dictionary()) ?? [];
      const examples = block.split(/;\n/).filter((one) => one.trim() !== '');
      expect(examples.length).toBeGreaterThanOrEqual(6);
      for (const sql of examples) {
        await analyze(oracle, sql, catalogue);
        expect((await warehouse.run(sql)).columns.length).toBeGreaterThan(3);
      }
    });

    it('refuses a column that is not there, a wrong type, and a search for an argument of a function', async () => {
      const refused = (sql: string) => expect(analyze(oracle, sql, catalogue)).rejects;
      await refused('SELECT nothing FROM windows').toThrow(/Unrecognized name: nothing/);
      await refused(`SELECT * FROM log_entries WHERE timestamp > 7`).toThrow(/No matching signature/);
      await refused('SELECT service FROM windows_between(1, 2, NULL)').toThrow(/windows_between/i);
      await refused(
        'CREATE TABLE FUNCTION f(words STRING) AS SELECT * FROM log_entries WHERE SEARCH(message, words)',
      ).toThrow(/must be a literal or query parameter/);
    });
  },
);
