/**
 * The unmodified program on an engine without a cloud (engine.ts) and a provider without a cloud (fake-google.ts): what
 * happens in which order, what a change changes, what is left. It does not show that Google would take the stack.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BigQuery } from '@google-cloud/bigquery';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type BigqueryService, startBigquery } from '../../../local/bigquery/service.ts';
import { PROD } from '../stack.ts';
import {
  changesOf,
  destroy,
  type Entry,
  inOrderOfRemoval,
  type StackOptions,
  type State,
  type Update,
  update,
} from './engine.ts';
import { FakeGoogle, type ServedGoogle, serveGoogle } from './fake-google.ts';
import { providerAt, startDynamicProvider } from './provider.ts';

// Each run starts the whole program anew: seconds on a quiet machine, minutes on one that is shared by many.
vi.setConfig({ testTimeout: 600_000 });

const PROGRAM = fileURLToPath(new URL('../../../infra/', import.meta.url));
const OTHER = 'serviceAccount:vector@my-project.iam.gserviceaccount.com';
const FLUENTD = 'fluentd@my-project.iam.gserviceaccount.com';
// Vertex AI itself is not there to deploy models to; model-step.test.ts shows that.
const SETTINGS = { ...PROD, environment: 'dev', retentionLock: undefined, serving: undefined };

let folder: string;
let warehouse: BigqueryService;
let google: FakeGoogle;
let served: ServedGoogle;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'logweir-engine-'));
  warehouse = await startBigquery({ port: 0, writePort: 0, dataDir: folder, projectId: 'my-project' });
  google = new FakeGoogle([FLUENTD, OTHER.slice('serviceAccount:'.length)]);
  served = await serveGoogle(google);
});
afterAll(async () => {
  served.close();
  await warehouse.close();
  await rm(folder, { recursive: true, force: true });
});

function optionsOf(settings: object): StackOptions {
  // The tables are made by the step's own process, in the laptop's BigQuery.
  const env = { BIGQUERY_EMULATOR_HOST: `http://127.0.0.1:${warehouse.port}` };
  return {
    ...{ program: PROGRAM, project: 'logweir', stack: 'test', env },
    config: {
      'gcp:project': 'my-project',
      'logweir:settings': JSON.stringify(settings),
      'logweir:slackToken': 'xoxb-0123456789',
    },
    secretKeys: ['logweir:slackToken'],
    provider: (pkg, engine) =>
      pkg === 'gcp'
        ? Promise.resolve(providerAt(served.address))
        : startDynamicProvider(engine, PROGRAM, env),
  };
}

const ups = (settings: object, state: State, preview = false): Promise<Update> =>
  update(optionsOf(settings), state, { preview });
const kindsOf = ({ steps }: Update): string[] => [...new Set(steps.map(({ kind }) => kind))];

describe('the program on an engine without a cloud', () => {
  let state: State = [];

  it('previews a first deployment, and makes nothing', async () => {
    const preview = await ups(SETTINGS, state, true);
    expect(preview.problems).toEqual([]);
    expect(kindsOf(preview)).toEqual(['create']);
    expect(google.kept.size).toBe(0);
  });

  it('goes on after a failure where it stopped, and makes nothing twice', async () => {
    google.fail = (type) => (type.endsWith(':Database') ? '503: Firestore is not there now' : null);
    const failed = await ups(SETTINGS, state);
    expect(failed.problems.join()).toContain('503: Firestore is not there now');
    expect(failed.state.length).toBeGreaterThan(0);
    google.fail = () => null;
    const up = await ups(SETTINGS, failed.state);
    expect(up.problems).toEqual([]);
    const made = google.history.filter((line) => line.startsWith('+'));
    expect(new Set(made).size).toBe(made.length);
    const ofGoogle = up.state.filter(({ type }) => type.startsWith('gcp:'));
    expect(made.length).toBe(ofGoogle.length);
    expect(up.outputs).toMatchObject({
      topic: 'projects/my-project/topics/logweir-logs',
      dataset: 'my-project.logweir',
    });
    state = up.state;
  });

  it('makes the tables where the functions write', async () => {
    const bigquery = new BigQuery({
      projectId: 'my-project',
      apiEndpoint: `http://127.0.0.1:${warehouse.port}`,
    });
    const [tables] = await bigquery.dataset('logweir').getTables();
    expect(tables.map(({ id }) => id)).toEqual(expect.arrayContaining(['log_entries', 'service_windows']));
  });

  it('finds nothing to do when nothing changed', async () => {
    const again = await ups(SETTINGS, state, true);
    expect(again.problems).toEqual([]);
    expect(changesOf(again)).toEqual([]);
    expect(again.steps.length).toBe(state.length);
  });

  it('changes what a changed setting is about, and nothing else', async () => {
    const changed = { ...SETTINGS, maxDeliveryAttempts: 30, publishers: [OTHER], analysts: [] };
    const up = await ups(changed, state);
    expect(up.problems).toEqual([]);
    expect(changesOf(up).sort()).toEqual([
      'delete DatasetIamMember logweir-analyst-0-reads',
      'delete IAMMember logweir-analyst-0-jobs',
      'replace TopicIAMMember logweir-publisher-0',
      'update Subscription logweir-alert',
      'update Subscription logweir-parse',
    ]);
    state = up.state;
  });

  it('does not destroy what is protected', async () => {
    const kept = state.map((one) => (one.name === 'logweir-dataset' ? { ...one, isProtected: true } : one));
    const refused = await destroy(optionsOf(SETTINGS), kept);
    expect(refused.problems.join()).toContain('logweir-dataset: is protected');
    expect(refused.state.map(({ name }) => name)).toContain('logweir-dataset');
    state = refused.state.map((one) => ({ ...one, isProtected: false }));
  });

  it('destroys all, what uses something before what it uses', async () => {
    const all = state;
    const removed = google.history.length;
    const gone = await destroy(optionsOf(SETTINGS), state);
    expect(gone.problems).toEqual([]);
    expect(gone.state).toEqual([]);
    expect([...google.kept.keys()]).toEqual([]);
    const order = google.history.slice(removed);
    const at = ({ type, name }: Entry): number => order.indexOf(`- ${type.split(':').at(-1)} ${name}`);
    const entries = new Map(all.map((one) => [one.urn, one]));
    for (const one of all.filter(({ type }) => type.startsWith('gcp:')))
      for (const used of one.dependencies.flatMap((urn) => entries.get(urn) ?? []))
        if (used.type.startsWith('gcp:')) expect(at(one), `${one.name}, ${used.name}`).toBeLessThan(at(used));
  });
});

describe('what is destroyed', () => {
  it('is refused when it goes round in a circle', () => {
    const entry = (name: string, dependencies: string[]): Entry => ({
      ...{ urn: name, name, type: 'gcp:a:B', id: name, parent: '', isCustom: true, isProtected: false },
      ...{ inputs: {}, outputs: {}, dependencies },
    });
    expect(inOrderOfRemoval([entry('a', []), entry('b', ['a'])]).map(({ name }) => name)).toEqual(['b', 'a']);
    expect(() => inOrderOfRemoval([entry('a', ['b']), entry('b', ['a'])])).toThrow(/circle/);
  });
});
