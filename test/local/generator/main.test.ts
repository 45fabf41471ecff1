import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { BigQuery } from '@google-cloud/bigquery';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type BigqueryService, startBigquery } from '../../../local/bigquery/service.ts';
import { type PubsubService, startPubsub } from '../../../local/pubsub/service.ts';
import { applySql } from '../../../sql/apply.ts';
import { clientOf } from '../pubsub/client.ts';

const MAIN = fileURLToPath(new URL('../../../local/generator/main.ts', import.meta.url));
const DATASET = 'logweir';

let dir: string;
let pubsub: PubsubService;
let bigquery: BigqueryService;
let warehouse: BigQuery;
let child: ChildProcess | null = null;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'generator-'));
  pubsub = await startPubsub({ port: 0, dataDir: join(dir, 'pubsub') });
  bigquery = await startBigquery({
    port: 0,
    writePort: 0,
    dataDir: join(dir, 'bigquery'),
    projectId: 'demo',
  });
  warehouse = new BigQuery({ projectId: 'demo', apiEndpoint: `http://127.0.0.1:${bigquery.port}` });
  await applySql({ bigquery: warehouse, dataset: DATASET });
});

afterEach(async () => {
  child?.kill('SIGKILL');
  await bigquery.close();
  await pubsub.close();
  await rm(dir, { recursive: true });
});

/** Starts the process; its lines come one by one. */
function startGenerator(options: object): AsyncIterator<string> {
  const endpoints = {
    pubsub: `127.0.0.1:${pubsub.port}`,
    bigquery: `http://127.0.0.1:${bigquery.port}`,
    projectId: 'demo',
    dataset: DATASET,
    topic: 'logs',
  };
  const argument = JSON.stringify({ endpoints, seed: 7, rate: 2000, tickMs: 50, statsMs: 100, ...options });
  child = spawn(process.execPath, ['--import', 'tsx', MAIN, argument], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  return createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
}

interface Said {
  readonly message: string;
  readonly lines: number;
  readonly messages: number;
  readonly incidents: string;
}

/** Waits until the process says what fulfils the condition. */
async function heard(lines: AsyncIterator<string>, holds: (said: Said) => boolean): Promise<Said> {
  for (;;) {
    const { value, done } = await lines.next();
    if (done) throw new Error('the generator ended');
    const said = JSON.parse(value) as Said;
    if (holds(said)) return said;
  }
}

const ask = async (message: object): Promise<unknown> => {
  const answer = once(child!, 'message');
  child!.send(message);
  return (await answer)[0];
};

it('publishes at its rate, breaks what it is told to, writes down the truth, and ends when told', async () => {
  const client = clientOf(pubsub.port);
  const [topic] = await client.createTopic('logs');
  await topic.createSubscription('all');
  const lines = startGenerator({ firstIncidentAfterMs: 0, incidentEveryMs: 0 });
  await heard(lines, ({ lines: count }) => count > 1000);
  expect(await ask({ do: 'stats' })).toMatchObject({ rate: 2000, failed_lines: 0 });
  expect(await ask({ do: 'rate', rate: 500 })).toEqual({ rate: 500 });
  expect(await ask({ do: 'rate', rate: -5 })).toMatchObject({ error: expect.stringMatching(/rate: -5/) });
  expect(await ask({ do: 'dance' })).toMatchObject({ error: expect.any(String) });
  const incident = { kind: 'cascading_failure', service: 'auth' };
  const { incident_id } = (await ask({ do: 'incident', incident })) as { incident_id: string };
  await heard(lines, ({ incidents }) => incidents === 'cascading_failure auth');
  child!.kill('SIGTERM');
  const exit = once(child!, 'exit');
  let last: Said | null = null;
  for (let next = await lines.next(); !next.done; next = await lines.next())
    last = JSON.parse(next.value) as Said;
  expect(await exit).toEqual([0, null]);
  const { unacked } = pubsub.stats().subscriptions['projects/demo/subscriptions/all']!;
  expect(last!.messages).toBe(unacked);
  const [rows] = await warehouse.query(`SELECT * FROM ${DATASET}.demo_incidents`);
  expect(rows).toMatchObject([
    {
      incident_id,
      kind: 'cascading_failure',
      service: 'auth',
      affected: ['auth', 'user', 'payment', 'api-gateway'],
      seed: 7,
    },
  ]);
  const [{ precursor_at, started_at, ended_at }] = rows as [Record<string, { value: string }>];
  expect(Date.parse(precursor_at!.value)).toBeLessThan(Date.parse(started_at!.value));
  expect(Date.parse(started_at!.value)).toBeLessThan(Date.parse(ended_at!.value));
  await client.close();
});

it('ends with 1 where the topic is missing', async () => {
  startGenerator({ truth: false });
  expect(await once(child!, 'exit')).toEqual([1, null]);
});
