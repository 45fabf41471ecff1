/**
 * Tables, views, functions and indexes as one resource, made by the code path of the laptop: BigQuery's provider would
 * replace a table for changes that `applySql` makes in place, and would need every schema a second time. The files'
 * digest is an input, so a changed file is a changed resource. Destroying it leaves the tables to their dataset.
 */
import { createHash } from 'node:crypto';
import * as pulumi from '@pulumi/pulumi';
import { readSqlFiles } from '../sql/sql-files.ts';

export interface SqlStepInputs {
  readonly project: string;
  readonly dataset: string;
  readonly location: string;
  readonly expirationMs: Readonly<Record<string, number>>;
  readonly policyTag: string | null;
  readonly endpoint: string;
  /** Of the files of sql/. */
  readonly digest: string;
}

/** Digest of all that `applySql` reads. */
export async function sqlDigest(folder = new URL('../sql/', import.meta.url)): Promise<string> {
  const parts = ['schema', 'indexes', 'functions', 'materialized', 'views'];
  const files = (await Promise.all(parts.map((part) => readSqlFiles(folder, part)))).flat();
  const hash = createHash('sha256');
  for (const { path, sql } of files) hash.update(`${path}\0${sql}\0`);
  return hash.digest('hex').slice(0, 32);
}

/** Pulumi stores the source text of these functions and runs it elsewhere: they reach nothing outside themselves. */
export const sqlProvider: pulumi.dynamic.ResourceProvider = {
  async create(inputs) {
    const { execFileSync } = process.getBuiltinModule('node:child_process');
    execFileSync(process.execPath, ['--import=tsx', 'steps/apply-sql.ts'], {
      input: JSON.stringify(inputs),
      stdio: ['pipe', 'inherit', 'inherit'],
    });
    return { id: `${inputs.project}.${inputs.dataset}`, outs: inputs };
  },
  async update(_id, _olds, news) {
    const { execFileSync } = process.getBuiltinModule('node:child_process');
    execFileSync(process.execPath, ['--import=tsx', 'steps/apply-sql.ts'], {
      input: JSON.stringify(news),
      stdio: ['pipe', 'inherit', 'inherit'],
    });
    return { outs: news };
  },
  async diff(_id, olds, news) {
    const keys = ['project', 'dataset', 'location', 'expirationMs', 'policyTag', 'endpoint', 'digest'];
    const other = keys.filter((key) => JSON.stringify(olds[key]) !== JSON.stringify(news[key]));
    const replaces = other.filter((key) => key === 'project' || key === 'dataset' || key === 'location');
    return { changes: other.length > 0, replaces };
  },
};

export class SqlStep extends pulumi.dynamic.Resource {
  constructor(
    name: string,
    inputs: Omit<SqlStepInputs, 'dataset'> & { dataset: pulumi.Input<string> },
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(sqlProvider, name, { ...inputs }, opts);
  }
}
