/**
 * Vertex AI's REST API as retraining needs it: training jobs, models, an endpoint with a traffic split. By fetch; an
 * endpoint setting is all that differs between a laptop and the cloud.
 * Source: https://cloud.google.com/vertex-ai/docs/reference/rest
 */
import { z } from 'zod';

export interface VertexOptions {
  /** …/v1/projects/P/locations/L */
  readonly parent: string;
  readonly endpoint: string;
  readonly authorization: () => Promise<string | null>;
  readonly timeoutMs?: number;
}

export interface TrainingJob {
  readonly displayName: string;
  readonly image: string;
  readonly args: readonly string[];
  /** gs://BUCKET/FOLDER: the job writes its models below. */
  readonly outputUri: string;
  readonly serviceAccount: string | null;
}

export type JobState = 'running' | 'succeeded' | 'failed';

export interface Endpoint {
  readonly deployed: readonly { readonly id: string; readonly model: string; readonly displayName: string }[];
  /** Percent by id of the deployed model. */
  readonly traffic: Readonly<Record<string, number>>;
}

export interface TrainingJobs {
  /** Starts a job on spot machines; resolves to its name. */
  startJob(job: TrainingJob): Promise<string>;
  jobState(name: string): Promise<JobState>;
}

/** What sets of models are deployed on: an endpoint, or the functions themselves (bucket-host.ts). */
export interface ModelHost {
  /** Resolves to the name of an operation whose result is a model. */
  uploadModel(displayName: string, artifactUri: string, image: string): Promise<Operation>;
  /** Deploys a model beside the others: `percent` of the traffic to it, the rest to `main`. */
  deploy(model: string, displayName: string, split: { percent: number; main: string }): Promise<Operation>;
  setTraffic(traffic: Readonly<Record<string, number>>): Promise<void>;
  undeploy(deployedId: string): Promise<void>;
  endpoint(): Promise<Endpoint>;
  /** What became of an operation. */
  operation(name: string): Promise<Operation>;
}

export interface Vertex extends TrainingJobs, ModelHost {}

/** result: name of the model, or id of the deployed model, once it is done. */
export interface Operation {
  readonly name: string;
  readonly done: boolean;
  readonly result: string | null;
  /** Why it failed; null: it did not. */
  readonly failure: string | null;
}

const operation = z.object({
  name: z.string(),
  done: z.boolean().default(false),
  error: z.object({ message: z.string() }).optional(),
  response: z
    .object({ model: z.string().optional(), deployedModel: z.object({ id: z.string() }).optional() })
    .optional(),
});

const endpointShape = z.object({
  deployedModels: z
    .array(z.object({ id: z.string(), model: z.string(), displayName: z.string().default('') }))
    .default([]),
  trafficSplit: z.record(z.string(), z.number()).default({}),
});

const MACHINE = { machineType: 'n2-highcpu-4' };
const SERVING_MACHINE = {
  machineSpec: { machineType: 'n1-standard-2' },
  minReplicaCount: 1,
  maxReplicaCount: 1,
};
/** After it a job is given up by Vertex AI. */
const JOB_TIMEOUT = '10800s';

export function openVertex({ parent, endpoint, authorization, timeoutMs = 30_000 }: VertexOptions): Vertex {
  const origin = new URL(parent).origin;
  const at = `${parent}/endpoints/${endpoint}`;

  async function call(method: string, url: string, body?: unknown): Promise<unknown> {
    const token = await authorization();
    const response = await fetch(url, {
      method,
      headers: { 'content-type': 'application/json', ...(token === null ? {} : { authorization: token }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (response.ok) return response.json();
    const text = (await response.text()).slice(0, 300);
    throw Object.assign(new Error(`Vertex AI answers ${response.status}: ${text}`), {
      code: response.status,
    });
  }

  const operate = async (method: string, url: string, body?: unknown): Promise<Operation> => {
    const { name, done, error, response } = operation.parse(await call(method, url, body));
    const result = response?.model ?? response?.deployedModel?.id ?? null;
    return { name, done, result, failure: error?.message ?? null };
  };

  return {
    async startJob({ displayName, image, args, outputUri, serviceAccount }) {
      const job = await call('POST', `${parent}/customJobs`, {
        displayName,
        jobSpec: {
          workerPoolSpecs: [
            { replicaCount: 1, machineSpec: MACHINE, containerSpec: { imageUri: image, args } },
          ],
          scheduling: { strategy: 'SPOT', timeout: JOB_TIMEOUT },
          baseOutputDirectory: { outputUriPrefix: outputUri },
          ...(serviceAccount === null ? {} : { serviceAccount }),
        },
      });
      return z.object({ name: z.string() }).parse(job).name;
    },
    async jobState(name) {
      const { state } = z.object({ state: z.string() }).parse(await call('GET', `${origin}/v1/${name}`));
      if (state === 'JOB_STATE_SUCCEEDED') return 'succeeded';
      return /FAILED|CANCELLED|EXPIRED/.test(state) ? 'failed' : 'running';
    },
    uploadModel: (displayName, artifactUri, image) =>
      operate('POST', `${parent}/models:upload`, {
        model: {
          displayName,
          artifactUri,
          containerSpec: {
            imageUri: image,
            predictRoute: '/predict',
            healthRoute: '/health',
            ports: [{ containerPort: 8080 }],
          },
        },
      }),
    deploy: (model, displayName, { percent, main }) =>
      operate('POST', `${at}:deployModel`, {
        deployedModel: { model, displayName, dedicatedResources: SERVING_MACHINE },
        trafficSplit: { 0: percent, [main]: 100 - percent },
      }),
    async setTraffic(trafficSplit) {
      await call('PATCH', `${at}?updateMask=trafficSplit`, { trafficSplit });
    },
    async undeploy(deployedModelId) {
      await call('POST', `${at}:undeployModel`, { deployedModelId });
    },
    async endpoint() {
      const { deployedModels: deployed, trafficSplit: traffic } = endpointShape.parse(await call('GET', at));
      return { deployed, traffic };
    },
    operation: (name) => operate('GET', `${origin}/v1/${name}`),
  };
}
