/** A local BigQuery for one test file: started over an empty folder, with Google's clients, and put away again. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BigQuery } from '@google-cloud/bigquery';
import { afterAll, beforeAll } from 'vitest';
import {
  type BigqueryOptions,
  type BigqueryService,
  startBigquery,
} from '../../../local/bigquery/service.ts';
import { clientOf, PROJECT } from './client.ts';

export interface Fixture {
  readonly service: BigqueryService;
  readonly client: BigQuery;
  readonly dataDir: string;
  /** Closes the service and starts it again over the same folder. */
  restart(): Promise<void>;
}

/** Call at the top of a file or of a `describe`; what it returns is filled when the tests run. */
export function useBigquery(options: Partial<BigqueryOptions> = {}): Fixture {
  const state: { service?: BigqueryService; client?: BigQuery; dataDir?: string } = {};
  const start = async (): Promise<void> => {
    const dataDir = state.dataDir!;
    state.service = await startBigquery({ port: 0, writePort: 0, projectId: PROJECT, ...options, dataDir });
    state.client = clientOf(state.service);
  };
  beforeAll(async () => {
    state.dataDir = await mkdtemp(join(tmpdir(), 'logweir-bigquery-'));
    await start();
  });
  afterAll(async () => {
    await state.service?.close();
    await rm(state.dataDir!, { recursive: true, force: true });
  });
  return {
    get service() {
      return state.service!;
    },
    get client() {
      return state.client!;
    },
    get dataDir() {
      return state.dataDir!;
    },
    async restart() {
      await state.service!.close();
      await start();
    },
  };
}
