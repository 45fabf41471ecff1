import { configDefaults, defineConfig } from 'vitest/config';

/** Real processes that are killed, faulted, trained, loaded or deployed for most of a minute each: `npm run proofs`. */
const PROOFS = [
  'test/crash/alert.test.ts',
  'test/crash/loader.test.ts',
  'test/crash/tier.test.ts',
  'test/e2e/retraining.test.ts',
  'test/fault/faults.test.ts',
  'test/infra/engine/engine.test.ts',
  'test/local/experiment/experiment.test.ts',
];
const asked = process.env.npm_lifecycle_event === 'proofs';

export default defineConfig({
  test: {
    include: asked ? PROOFS : ['test/**/*.test.ts'],
    exclude: asked ? configDefaults.exclude : [...configDefaults.exclude, ...PROOFS],
    environment: 'node',
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    env: { METADATA_SERVER_DETECTION: 'none', TZ: 'UTC' },
  },
});
