import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Sample } from '../../functions/detect/drift.ts';
import type { Endpoint, JobState, Operation, TrainingJob, Vertex } from '../../functions/detect/vertex.ts';
import { answerDrift, type DriftContext } from '../../functions/drift-function.ts';
import type { CatalogueStore } from '../../functions/parse/pattern/catalogue-store.ts';
import { driftReports, modelVersions } from '../../functions/warehouse/detect-tables.ts';
import { MemoryWarehouse } from './memory-warehouse.ts';

const START = Date.UTC(2026, 10, 21, 12);
const HOUR = 3_600_000;
const values = (shift: number) => Array.from({ length: 150 }, (_, i) => ((i * 37) % 150) / 50 + shift);
const sampleOf = (shift: number): Sample => ({
  features: { entries: values(shift), error_rate: values(0) },
  scores: { forest: values(0), lstm: values(0) },
});
const file = { sha256: 'a'.repeat(64) };
const SCORES = { holdOut: 0.95, falsePositives: 0.001, feedback: null, ownFalsePositives: 0.05 };

/** Vertex AI that does at once what it is asked. */
class FakeVertex implements Vertex {
  readonly jobs: TrainingJob[] = [];
  state: JobState = 'running';
  deployed: { id: string; model: string; displayName: string }[] = [
    { id: 'first', model: 'm', displayName: 'logweir' },
  ];
  traffic: Record<string, number> = { first: 100 };

  async startJob(job: TrainingJob): Promise<string> {
    this.jobs.push(job);
    return `jobs/${this.jobs.length}`;
  }
  jobState = async (): Promise<JobState> => this.state;
  uploadModel = async (name: string): Promise<Operation> => this.#operation(`upload ${name}`);
  async deploy(model: string, displayName: string, { percent, main }: { percent: number; main: string }) {
    this.deployed.push({ id: displayName, model, displayName });
    this.traffic = { ...this.traffic, [displayName]: percent, [main]: 100 - percent };
    return this.#operation(`deploy ${displayName}`);
  }
  setTraffic = async (traffic: Readonly<Record<string, number>>): Promise<void> => {
    this.traffic = { ...traffic };
  };
  undeploy = async (id: string): Promise<void> => {
    this.deployed = this.deployed.filter((one) => one.id !== id);
    delete this.traffic[id];
  };
  endpoint = async (): Promise<Endpoint> => ({ deployed: this.deployed, traffic: this.traffic });
  operation = async (name: string): Promise<Operation> => this.#operation(name);
  #operation = (name: string): Operation => ({
    ...{ name, done: true, failure: null, result: name.split(' ')[1]! },
  });
}

let vertex: FakeVertex;
let warehouse: MemoryWarehouse;
let files: Map<string, string>;
let stored: { generation: string; text: string } | null;
let shift: number;
let fresh: number;
let spanMs: number;
let version: string | null;
let watched: { candidate: { windows: number; positives: number }; serving: typeof watched.candidate };
let nowMs: number;
let lines: string[];

const state: CatalogueStore = {
  read: async () => stored,
  async write(text, replaces) {
    if ((stored?.generation ?? null) !== replaces) return false;
    stored = { generation: String(Number(replaces ?? 0) + 1), text };
    return true;
  },
};

beforeEach(() => {
  lines = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  vertex = new FakeVertex();
  warehouse = new MemoryWarehouse();
  const manifest = { trainedAt: '2026-11-20T00:00:00.000Z', seed: 1, forest: { file }, lstm: { file } };
  files = new Map([
    ['v1 reference.json', JSON.stringify(sampleOf(0))],
    ['v1 manifest.json', JSON.stringify({ ...manifest, bert: { file } })],
  ]);
  stored = null;
  spanMs = 24 * HOUR;
  [shift, fresh, version, nowMs] = [0, 0, 'v1', START];
  watched = { candidate: { windows: 200, positives: 1 }, serving: { windows: 2000, positives: 10 } };
});

const context = (): DriftContext => ({
  queries: {
    servingVersion: async () => version,
    hasVersion: async (name) => warehouse.rows(modelVersions).some((row) => row.version === name),
    sample: async () => ({ ...sampleOf(shift), spanMs }),
    labels: async () => ({ labels: new Map(), fresh }),
    windows: async () => [],
    watch: async () => watched,
  },
  ...{ warehouse, state, clock: () => nowMs },
  effects: {
    vertex,
    readModelFile: async (of, name) => files.get(`${of} ${name}`) ?? null,
    prepare: async () => {},
    watch: async () => watched,
    note: async (rows) => void (await warehouse.append(modelVersions, rows)),
  },
  retraining: {
    ...{ bucket: 'b', trainingImage: 'logweir-training', servingImage: 'logweir-serving', seed: 7 },
    ...{ serviceAccount: null, canaryMs: HOUR / 2, coolDownMs: 24 * HOUR, feedbackRows: 20 },
  },
});

const run = (body: unknown = {}) => answerDrift(body, context());
const later = (ms: number) => {
  nowMs += ms;
  return run();
};
const alarms = () => lines.filter((line) => line.includes('have drifted')).length;

/** The job of the running training has made these models. */
function finish(scores: Partial<typeof SCORES>): string {
  const made = vertex.jobs.at(-1)!.displayName.replace('logweir-', '');
  const evaluation = { candidate: { ...SCORES, ...scores }, serving: SCORES };
  files.set(`${made} evaluation.json`, JSON.stringify(evaluation));
  files.set(`${made} manifest.json`, files.get('v1 manifest.json')!);
  vertex.state = 'succeeded';
  return made;
}

const statesOf = (name: string) =>
  warehouse
    .rows(modelVersions)
    .flatMap((row) => (row.version === name && row.model === 'lstm' ? row.state : []));

describe('drift', () => {
  it('is tested once an hour, each test a row; where there is none nothing is trained', async () => {
    expect(await run()).toMatchObject({
      status: 200,
      body: { version: 'v1', tests: 4, drifted: 0, phase: 'idle' },
    });
    expect(await later(HOUR / 2)).toMatchObject({ body: { tests: 0 } });
    expect(await later(HOUR / 2)).toMatchObject({ body: { tests: 4 } });
    const rows = warehouse.rows(driftReports);
    expect(rows).toHaveLength(8);
    expect(new Set(rows.map(({ reportId }) => reportId)).size).toBe(2);
    expect(rows[0]).toMatchObject({
      modelVersion: 'v1',
      significance: 0.05 / 4,
      drifted: false,
      currentRows: 150,
    });
    expect(vertex.jobs).toEqual([]);
    expect(statesOf('v1')).toEqual(['serving']);
  });

  it('is raised once and makes one training, not another within the cool-down', async () => {
    shift = 2;
    expect(await run()).toMatchObject({ body: { drifted: 1, phase: 'training' } });
    expect(vertex.jobs[0]).toMatchObject({
      image: 'logweir-training',
      outputUri: 'gs://b/models/20261121-120000-7',
      args: ['--time', '2026-11-21T12:00:00.000Z', '--seed', '7', '--serving', 'v1'],
    });
    vertex.state = 'failed';
    expect(await later(HOUR)).toMatchObject({ body: { drifted: 1, phase: 'idle' } });
    for (let hours = 2; hours < 24; hours++) await later(HOUR);
    expect([alarms(), vertex.jobs.length]).toEqual([1, 1]);
    await later(HOUR);
    expect([alarms(), vertex.jobs.length]).toEqual([1, 2]);
  });

  it('is not tested on a sample of an hour, unless that is asked for', async () => {
    spanMs = HOUR;
    expect(await run()).toMatchObject({ body: { tests: 0 } });
    expect(await run({ do: 'report' })).toMatchObject({ body: { tests: 4 } });
  });

  it('is not tested where no model judged, or none has a reference', async () => {
    version = null;
    expect(await run()).toMatchObject({ status: 200, body: { why: expect.any(String) } });
    version = 'v9';
    expect(await run()).toMatchObject({ status: 200, body: { tests: 0 } });
    expect(lines.join('')).toContain('no reference');
  });
});

describe('models that were trained again', () => {
  const toCanary = async (): Promise<string> => {
    fresh = 20;
    await run();
    fresh = 0;
    const made = finish({ holdOut: 0.97 });
    expect(await later(HOUR)).toMatchObject({ body: { phase: 'canary' } });
    return made;
  };

  it('judge a tenth of the windows, then all, and those before stay for a roll-back', async () => {
    const made = await toCanary();
    expect(vertex.traffic).toEqual({ first: 90, [`logweir-${made}`]: 10 });
    expect(await later(HOUR)).toMatchObject({ body: { phase: 'idle' } });
    expect(vertex.traffic).toEqual({ first: 0, [`logweir-${made}`]: 100 });
    expect(statesOf(made)).toEqual(['candidate', 'canary', 'serving']);
    expect(statesOf('v1')).toEqual(['serving', 'retired']);
    expect(await run({ do: 'roll_back' })).toMatchObject({ status: 200, body: { rolled_back: 1 } });
    expect(vertex.traffic).toEqual({ first: 100, [`logweir-${made}`]: 0 });
  });

  it('are refused when they are not better', async () => {
    fresh = 20;
    await run();
    fresh = 0;
    const made = finish({});
    expect(await later(HOUR)).toMatchObject({ body: { phase: 'idle' } });
    expect(vertex.traffic).toEqual({ first: 100 });
    expect(statesOf(made)).toEqual(['candidate', 'refused']);
  });

  it('go again when they alarm much more often than those that serve', async () => {
    const made = await toCanary();
    watched = { ...watched, candidate: { windows: 200, positives: 40 } };
    expect(await later(60_000)).toMatchObject({ body: { phase: 'idle' } });
    expect([vertex.traffic, vertex.deployed.length]).toEqual([{ first: 100 }, 1]);
    expect(statesOf(made).at(-1)).toBe('refused');
  });

  it('go on where a failure stopped them', async () => {
    fresh = 20;
    await run();
    fresh = 0;
    finish({ holdOut: 0.97 });
    const deploy = vertex.deploy.bind(vertex);
    vertex.deploy = () => Promise.reject(Object.assign(new Error('down'), { code: 503 }));
    expect((await later(HOUR)).status).toBe(500);
    vertex.deploy = deploy;
    expect(await later(60_000)).toMatchObject({ status: 200, body: { phase: 'canary' } });
  });
});

describe('a call', () => {
  it('is refused when it asks for something else', async () => {
    expect((await run({ do: 'dance' })).status).toBe(400);
  });

  it('fails when another was faster, and changes nothing', async () => {
    const read = state.read;
    state.read = async (known) => {
      const found = await read(known);
      stored = { generation: '9', text: JSON.stringify({ retraining: { phase: 'idle' }, reportedAtMs: 0 }) };
      return found;
    };
    expect((await run()).status).toBe(500);
    state.read = read;
    expect(stored?.generation).toBe('9');
  });
});
