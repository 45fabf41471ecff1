/** The statements of tiering, before Google's own parser: the laptop takes some that are written otherwise. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as sql from '../../../functions/archive/tier-sql.ts';
import { type Oracle, oracleProgram, startOracle } from '../../local/bigquery/sql/oracle.ts';

const COLD = { bucketName: 'my-project-logweir-archive', isPlain: false } as const;
const CONNECTION = 'my-project.europe-west1.logweir-cold';
/** All but `stage`: as it is set up here, the parser takes no QUALIFY. */
const STATEMENTS: Readonly<Record<string, string>> = {
  buckets: sql.buckets('tier_20261121_0_a'),
  checksum: sql.checksum('tier_20261121_0_a'),
  exportBucket: sql.exportBucket('tier_20261121_0_a', 'gs://b/a-*.parquet', '0'),
  exportWithout: sql.exportWithout('removal_a', 'gs://b/a-*.parquet', 'user_id = @user'),
  checkTable: sql.checkTable('tier_20261121_0_a_check', ['gs://b/a-*.parquet']),
  dropCheck: sql.dropCheck('tier_20261121_0_a_check'),
  deleteStaged: sql.deleteStaged('2026-11-21', 'tier_20261121_0_a'),
  dropStage: sql.dropStage('tier_20261121_0_a'),
  'the cold table that who asks reads': sql.coldTable({ ...COLD, connection: null }),
  'the cold table that a connection reads': sql.coldTable({ ...COLD, connection: CONNECTION }),
};

describe.skipIf(oracleProgram === null)("Google's parser of GoogleSQL (skipped where it cannot run)", () => {
  let oracle: Oracle;
  beforeAll(async () => {
    oracle = await startOracle(oracleProgram!);
  });
  afterAll(() => oracle.close());

  const parsed = (sqlStatement: string) => oracle.call('Parse', { sqlStatement, options: oracle.options });

  it.each(Object.entries(STATEMENTS))('takes %s', async (_, statement) => {
    expect(await parsed(statement)).toHaveProperty('parsedStatement');
  });

  it('does not take the connection before the columns of the paths', async () => {
    const statement = STATEMENTS['the cold table that a connection reads']!;
    const connection = `WITH CONNECTION \`${CONNECTION}\``;
    const columns = 'WITH PARTITION COLUMNS (day DATE, service_hash STRING)';
    expect(statement).toContain(columns);
    const turned = statement.replace(connection, '').replace(columns, `${connection}\n  ${columns}`);
    await expect(parsed(turned)).rejects.toThrow(/Syntax error/);
  });
});

it('replaces the empty table of sql/schema, which is of another kind, by dropping it first', () => {
  expect(sql.coldTable({ ...COLD, isPlain: true, connection: null })).toMatch(
    /^\s*DROP TABLE IF EXISTS log_entries_cold;\s+CREATE OR REPLACE EXTERNAL TABLE log_entries_cold /,
  );
});
