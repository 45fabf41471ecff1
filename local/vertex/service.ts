/**
 * Vertex AI on the laptop, the part that serves and retrains: predictions of one endpoint, models, deployment with a
 * traffic split, training jobs. REST, as https://cloud.google.com/vertex-ai/docs/reference/rest has it; operations that
 * take long there are done when they are answered here.
 *
 * Guarantee: what was acknowledged is there after a restart; a job that ran when the process ended has failed. A set of
 * models that is refused (a wrong checksum) is not deployed, and what serves goes on.
 */
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';
import { ArtifactError } from '../../models/artifact.ts';
import { ApiError, type Call, parseJsonObject, type Route, readBody, serveHttp } from '../http.ts';
import type { LocalService } from '../service.ts';
import { Deployments } from './deployment.ts';
import { downloadFolder, INVALID } from './download.ts';
import { readState, type VertexJob, type VertexState, writeState } from './state.ts';
import { runTraining } from './training.ts';

export interface VertexOptions {
  readonly port: number;
  readonly dataDir: string;
  /** Models that serve until others are deployed. */
  readonly artifactsDir: string;
  /** Cloud Storage, where models come from. */
  readonly storageEndpoint: string;
  /** Scripts that stand for images of training jobs: arguments of node. */
  readonly images?: Readonly<Record<string, readonly string[]>>;
  /** Environment of training jobs. */
  readonly env?: Readonly<Record<string, string>>;
  /** In [0, 1): chooses where a request goes. */
  readonly chance?: () => number;
  readonly clock?: () => number;
}

const MAX_BODY_BYTES = 1024 * 1024;
const PARENT = '/v1/projects/(?<project>[^/]+)/locations/(?<location>[^/]+)';
/** Operations that are remembered. */
const MAX_OPERATIONS = 100;
/** The model of the repository. */
const FIRST = '1';

export async function startVertex(options: VertexOptions): Promise<LocalService> {
  const vertex = new Vertex(options, await readState(options.dataDir));
  await vertex.start();
  const server = await serveHttp({ port: options.port, stage: 'local-vertex', routes: vertex.routes() });
  return {
    port: server.port,
    close: async () => {
      await server.close();
      await vertex.close();
    },
  };
}

const traffic = z
  .record(z.string(), z.int().min(0).max(100))
  .refine(
    (split) => Object.values(split).reduce((sum, percent) => sum + percent, 0) === 100,
    'the percentages must add up to 100',
  );

const bodies = {
  upload: z.object({ model: z.object({ displayName: z.string().min(1), artifactUri: z.string() }) }),
  deploy: z.object({
    deployedModel: z.object({ model: z.string(), displayName: z.string().default('') }),
    trafficSplit: traffic.optional(),
  }),
  undeploy: z.object({ deployedModelId: z.string(), trafficSplit: traffic.optional() }),
  patch: z.object({ trafficSplit: traffic }),
  job: z.object({ displayName: z.string().min(1), jobSpec: z.unknown() }),
};

class Vertex {
  readonly #options: VertexOptions;
  readonly #deployments = new Deployments();
  /** Jobs that run, each with what waits for its end. */
  readonly #running = new Map<ChildProcess, Promise<void>>();
  #state: VertexState;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(options: VertexOptions, state: VertexState) {
    this.#options = options;
    this.#state = state;
  }

  async start(): Promise<void> {
    if (this.#state.deployed.length === 0)
      await this.#change((state) => ({
        ...state,
        nextId: 2,
        models: [{ name: FIRST, displayName: 'logweir', versionId: FIRST, artifactUri: '' }],
        deployed: [{ id: FIRST, model: FIRST, displayName: 'logweir' }],
        traffic: { [FIRST]: 100 },
      }));
    await this.#change((state) => ({
      ...state,
      jobs: state.jobs.map((job) =>
        job.state === 'JOB_STATE_RUNNING' ? this.#ended(job, 'the process ended while the job ran') : job,
      ),
    }));
    for (const { id, model } of this.#state.deployed)
      await this.#deployments.deploy(id, this.#folderOf(model)).catch((error: unknown) => {
        // The rest goes on: without models, rules and baselines judge.
        const said = error instanceof Error ? error.message : String(error);
        console.error(JSON.stringify({ severity: 'ERROR', stage: 'local-vertex', model, error: said }));
      });
  }

  async close(): Promise<void> {
    for (const child of this.#running.keys()) child.kill();
    await Promise.all([...this.#running.values(), this.#deployments.close()]);
    await this.#writing;
  }

  routes(): Route[] {
    const route = (method: string, path: string, handle: Route['handle']): Route => ({
      ...{ method, path: new RegExp(`^${PARENT}${path}$`), handle },
    });
    return [
      route('POST', '/endpoints/[^/:]+:predict', ({ request, response }) => {
        const { chance = Math.random } = this.#options;
        this.#deployments.predict(request, response, { traffic: this.#state.traffic, chance: chance() });
      }),
      route('GET', '/endpoints/(?<endpoint>[^/:]+)', (call) => this.#endpoint(call)),
      route('PATCH', '/endpoints/(?<endpoint>[^/:]+)', (call) => this.#patch(call)),
      route('POST', '/endpoints/[^/:]+:deployModel', (call) => this.#deploy(call)),
      route('POST', '/endpoints/[^/:]+:undeployModel', (call) => this.#undeploy(call)),
      route('POST', '/models:upload', (call) => this.#upload(call)),
      route('POST', '/customJobs', (call) => this.#createJob(call)),
      route('GET', '/customJobs/(?<id>[^/:]+)', (call) => this.#job(call)),
      route('GET', '/(?:models/[^/:]+/)?operations/[^/:]+', (call) => this.#operation(call)),
    ];
  }

  /** Changes are made one after the other, each written before it counts. */
  #change(next: (state: VertexState) => VertexState): Promise<void> {
    const changed = this.#writing.then(async () => {
      const state = next(this.#state);
      await writeState(this.#options.dataDir, state);
      this.#state = state;
    });
    this.#writing = changed.catch(() => undefined);
    return changed;
  }

  async #newId(): Promise<string> {
    const id = this.#state.nextId;
    await this.#change((state) => ({ ...state, nextId: state.nextId + 1 }));
    return String(id);
  }

  #folderOf(model: string): string {
    return model === FIRST ? this.#options.artifactsDir : join(this.#options.dataDir, 'models', model);
  }

  #endpoint({ url }: Call): unknown {
    const { deployed, traffic: trafficSplit } = this.#state;
    return {
      name: url.pathname.replace('/v1/', ''),
      deployedModels: deployed.map((one) => ({ ...one, model: this.#modelName(url, one.model) })),
      trafficSplit,
    };
  }

  #modelName = (url: URL, id: string): string => `${parentOf(url)}/models/${id}`;

  async #patch(call: Call): Promise<unknown> {
    const { trafficSplit } = await bodyOf(call, bodies.patch);
    await this.#setTraffic(trafficSplit);
    return this.#endpoint(call);
  }

  async #setTraffic(split: Readonly<Record<string, number>>): Promise<void> {
    const known = new Set(this.#state.deployed.map(({ id }) => id));
    const unknown = Object.keys(split).find((id) => !known.has(id));
    if (unknown !== undefined)
      throw new ApiError(400, `trafficSplit names ${unknown}, which is not deployed`, INVALID);
    await this.#change((state) => ({ ...state, traffic: { ...split } }));
  }

  async #upload(call: Call): Promise<unknown> {
    const { model } = await bodyOf(call, bodies.upload);
    const id = await this.#newId();
    await downloadFolder(model.artifactUri, this.#folderOf(id), this.#options.storageEndpoint);
    const { displayName, artifactUri } = model;
    const uploaded = { name: id, displayName, versionId: '1', artifactUri };
    await this.#change((state) => ({ ...state, models: [...state.models, uploaded] }));
    const name = this.#modelName(call.url, id);
    return this.#done(`${name}/operations/${id}`, { model: name, modelVersionId: '1' });
  }

  async #deploy(call: Call): Promise<unknown> {
    const { deployedModel, trafficSplit } = await bodyOf(call, bodies.deploy);
    const model = deployedModel.model.split('/').at(-1)!;
    if (!this.#state.models.some(({ name }) => name === model))
      throw new ApiError(404, `there is no model ${deployedModel.model}`, { status: 'NOT_FOUND' });
    const id = await this.#newId();
    await this.#deployments.deploy(id, this.#folderOf(model)).catch((error: unknown) => {
      if (error instanceof ArtifactError) throw new ApiError(400, error.message, INVALID);
      throw error;
    });
    const { displayName } = deployedModel;
    await this.#change((state) => ({ ...state, deployed: [...state.deployed, { id, model, displayName }] }));
    // "0" is the model that this call deploys.
    if (trafficSplit !== undefined)
      await this.#setTraffic(
        Object.fromEntries(
          Object.entries(trafficSplit).map(([of, percent]) => [of === '0' ? id : of, percent]),
        ),
      );
    return this.#done(`${parentOf(call.url)}/operations/${id}`, { deployedModel: { ...deployedModel, id } });
  }

  async #undeploy(call: Call): Promise<unknown> {
    const { deployedModelId: id, trafficSplit } = await bodyOf(call, bodies.undeploy);
    if (trafficSplit !== undefined) await this.#setTraffic(trafficSplit);
    if ((this.#state.traffic[id] ?? 0) > 0)
      throw new ApiError(400, `the model ${id} still has traffic`, { status: 'FAILED_PRECONDITION' });
    await this.#change((state) => ({
      ...state,
      deployed: state.deployed.filter((one) => one.id !== id),
      traffic: Object.fromEntries(Object.entries(state.traffic).filter(([of]) => of !== id)),
    }));
    await this.#deployments.undeploy(id);
    return this.#done(`${parentOf(call.url)}/operations/undeploy-${id}`, {});
  }

  async #createJob(call: Call): Promise<unknown> {
    const { displayName, jobSpec } = await bodyOf(call, bodies.job);
    const { images = {}, env = {}, dataDir, clock = Date.now } = this.#options;
    const id = await this.#newId();
    const { child, ended } = await runTraining(id, jobSpec, { images, env, logDir: join(dataDir, 'logs') });
    const name = `${parentOf(call.url)}/customJobs/${id}`;
    const createTime = new Date(clock()).toISOString();
    const job: VertexJob = { name, displayName, state: 'JOB_STATE_RUNNING', createTime, jobSpec };
    await this.#change((state) => ({ ...state, jobs: [...state.jobs, job] }));
    this.#running.set(
      child,
      this.#afterJob(name, ended).finally(() => this.#running.delete(child)),
    );
    return job;
  }

  async #afterJob(name: string, ended: Promise<string | null>): Promise<void> {
    const wrong = await ended;
    await this.#change((state) => ({
      ...state,
      jobs: state.jobs.map((one) => (one.name === name ? this.#ended(one, wrong) : one)),
    })).catch(() => undefined);
  }

  #ended(job: VertexJob, wrong: string | null): VertexJob {
    const { clock = Date.now } = this.#options;
    const endTime = new Date(clock()).toISOString();
    if (wrong === null) return { ...job, endTime, state: 'JOB_STATE_SUCCEEDED' };
    return { ...job, endTime, state: 'JOB_STATE_FAILED', error: { code: 13, message: wrong } };
  }

  /** What took long is done when it is answered; who comes back for it hears the same. */
  async #done(name: string, response: unknown): Promise<unknown> {
    await this.#change((state) => ({
      ...state,
      operations: [...state.operations.slice(1 - MAX_OPERATIONS), { name, response }],
    }));
    return done(name, response);
  }

  #operation({ url }: Call): unknown {
    const operation = this.#state.operations.find(({ name }) => `/v1/${name}` === url.pathname);
    if (operation === undefined)
      throw new ApiError(404, `there is no operation ${url.pathname}`, { status: 'NOT_FOUND' });
    return done(operation.name, operation.response);
  }

  #job({ url }: Call): unknown {
    const job = this.#state.jobs.find(({ name }) => `/v1/${name}` === url.pathname);
    if (job === undefined)
      throw new ApiError(404, `there is no job ${url.pathname}`, { status: 'NOT_FOUND' });
    return job;
  }
}

const parentOf = (url: URL): string => /projects\/[^/]+\/locations\/[^/]+/.exec(url.pathname)![0];

const done = (name: string, response: unknown) => ({ name, done: true, response });

async function bodyOf<T>({ request }: Call, shape: z.ZodType<T>): Promise<T> {
  const parsed = shape.safeParse(parseJsonObject(await readBody(request, MAX_BODY_BYTES)));
  if (!parsed.success) throw new ApiError(400, z.prettifyError(parsed.error), INVALID);
  return parsed.data;
}
