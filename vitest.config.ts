import { configDefaults, defineConfig } from 'vitest/config';

/** Real processes that are killed, faulted, trained, loaded, deployed or asked by `bq`, a minute each: `npm run proofs`. */
const PROOFS = [
  'test/crash/alert.test.ts',
  'test/crash/loader.test.ts',
  'test/crash/tier.test.ts',
  'test/e2e/retraining.test.ts',
  'test/fault/faults.test.ts',
  'test/infra/engine/engine.test.ts',
  'test/local/bigquery/bq.test.ts',
  'test/local/experiment/experiment.test.ts',
];
const asked = process.env.npm_lifecycle_event === 'proofs';

export default defineConfig({
  test: {
    include: asked ? PROOFS : ['test/**/*.test.ts'],
    exclude: asked ? configDefaults.exclude : [...configDefaults.exclude, ...PROOFS],
    environment: 'node',
    pool: 'forks',
    // A process for each file costs half a second of two hundred files; they clean up after themselves.
    isolate: false,
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    env: { METADATA_SERVER_DETECTION: 'none', TZ: 'UTC' },
  },
});
