/**
 * A set of models on a Vertex AI endpoint: uploaded, deployed with its share of the traffic and its bounds of machines,
 * taken away again. Google's provider has no resource for it.
 *
 * Guarantee: every action may be done again, and after a crash between any two calls: what is there already is found by
 * the version's label and kept. Other deployed models, such as a canary of drift, keep their share among themselves.
 * Source: https://cloud.google.com/vertex-ai/docs/reference/rpc/google.cloud.aiplatform.v1
 */
import type { protos } from '@google-cloud/aiplatform';

type V1 = typeof protos.google.cloud.aiplatform.v1;
type DeployedModel = InstanceType<V1['DeployedModel']>;

export interface ModelDeployment {
  readonly project: string;
  readonly region: string;
  /** Number of the endpoint. */
  readonly endpoint: string;
  /** Of the models: what is deployed of a version stays when the rest changes. */
  readonly version: string;
  readonly image: string;
  /** gs://BUCKET/FOLDER with the models' files. */
  readonly artifactUri: string;
  readonly machineType: string;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Percent of the requests that the version gets when it is deployed; the rest stays where it was. */
  readonly trafficPercent: number;
  readonly kmsKey: string | null;
}

export interface Deployed {
  /** projects/…/models/… */
  readonly model: string;
  /** Within the endpoint. */
  readonly deployedId: string;
}

/** Clients of the two services, as `v1` of @google-cloud/aiplatform has them. */
export interface VertexClients {
  readonly models: InstanceType<typeof import('@google-cloud/aiplatform').v1.ModelServiceClient>;
  readonly endpoints: InstanceType<typeof import('@google-cloud/aiplatform').v1.EndpointServiceClient>;
}

const LABEL = 'logweir-version';
const CPU_METRIC = 'aiplatform.googleapis.com/prediction/online/cpu/utilization';
/** Another machine comes when those that are there are busier than this, in percent. */
const BUSY_PERCENT = 60;
const NOT_FOUND = 5;

const parentOf = ({ project, region }: ModelDeployment): string => `projects/${project}/locations/${region}`;
const endpointOf = (wanted: ModelDeployment): string => `${parentOf(wanted)}/endpoints/${wanted.endpoint}`;
/** Labels take lower-case letters, digits, - and _. */
export const labelOf = (version: string): string =>
  version
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '_')
    .slice(0, 63);

const resourcesOf = ({ machineType, minReplicas, maxReplicas }: ModelDeployment) => ({
  machineSpec: { machineType },
  minReplicaCount: minReplicas,
  maxReplicaCount: maxReplicas,
  autoscalingMetricSpecs: [{ metricName: CPU_METRIC, target: BUSY_PERCENT }],
});

/** Uploads and deploys what is not there yet. */
export async function deployModel(clients: VertexClients, wanted: ModelDeployment): Promise<Deployed> {
  const model = (await uploaded(clients, wanted)) ?? (await upload(clients, wanted));
  const there = await deployedOf(clients, wanted, model);
  const deployedId = there?.id ?? (await deploy(clients, wanted, model));
  return { model, deployedId };
}

/** The model of the version; null: it was not uploaded. */
async function uploaded({ models }: VertexClients, wanted: ModelDeployment): Promise<string | null> {
  const [found] = await models.listModels({
    parent: parentOf(wanted),
    filter: `labels.${LABEL}="${labelOf(wanted.version)}"`,
  });
  return found[0]?.name ?? null;
}

async function upload({ models }: VertexClients, wanted: ModelDeployment): Promise<string> {
  const [operation] = await models.uploadModel({
    parent: parentOf(wanted),
    model: {
      displayName: `logweir-${wanted.version}`,
      labels: { app: 'logweir', [LABEL]: labelOf(wanted.version) },
      artifactUri: wanted.artifactUri,
      containerSpec: {
        imageUri: wanted.image,
        predictRoute: '/predict',
        healthRoute: '/health',
        ports: [{ containerPort: 8080 }],
      },
      ...(wanted.kmsKey === null ? {} : { encryptionSpec: { kmsKeyName: wanted.kmsKey } }),
    },
  });
  const [{ model }] = await operation.promise();
  if (!model) throw new Error('Vertex AI uploaded a model and does not say which');
  return model;
}

async function endpointNow({ endpoints }: VertexClients, wanted: ModelDeployment) {
  const [endpoint] = await endpoints.getEndpoint({ name: endpointOf(wanted) });
  return { deployed: endpoint.deployedModels ?? [], traffic: endpoint.trafficSplit ?? {} };
}

async function deployedOf(clients: VertexClients, wanted: ModelDeployment, model: string) {
  const { deployed } = await endpointNow(clients, wanted);
  // A model may be named with its version behind an @.
  return deployed.find((one) => one.model?.split('@')[0] === model) as DeployedModel | undefined;
}

/** "0" stands for what is being deployed. */
export function sharedTraffic(
  traffic: Readonly<Record<string, number>>,
  percent: number,
): Record<string, number> {
  const others = Object.entries(traffic).filter(([, share]) => share > 0);
  const total = others.reduce((sum, [, share]) => sum + share, 0);
  if (total === 0) return { 0: 100 };
  const rest = 100 - percent;
  const shares = others.map(([id, share]): [string, number] => [id, Math.floor((share * rest) / total)]);
  const missing = rest - shares.reduce((sum, [, share]) => sum + share, 0);
  return Object.fromEntries([
    ['0', percent],
    ...shares.map(([id, share], i) => [id, i === 0 ? share + missing : share]),
  ]);
}

async function deploy(clients: VertexClients, wanted: ModelDeployment, model: string): Promise<string> {
  const { traffic } = await endpointNow(clients, wanted);
  const [operation] = await clients.endpoints.deployModel({
    endpoint: endpointOf(wanted),
    deployedModel: {
      model,
      displayName: `logweir-${wanted.version}`,
      dedicatedResources: resourcesOf(wanted),
    },
    trafficSplit: sharedTraffic(traffic, wanted.trafficPercent),
  });
  const [{ deployedModel }] = await operation.promise();
  if (!deployedModel?.id) throw new Error('Vertex AI deployed a model and does not say which');
  return deployedModel.id;
}

/** Brings what was deployed to what is wanted: another version beside it, or other bounds of machines. */
export async function updateModel(
  clients: VertexClients,
  was: ModelDeployment & Deployed,
  wanted: ModelDeployment,
): Promise<Deployed> {
  const now = await deployModel(clients, wanted);
  if (now.deployedId === was.deployedId) {
    await scale(clients, wanted, now);
    return now;
  }
  // What the new version serves alone, the old one need not stand by for.
  if (wanted.trafficPercent === 100) await undeploy(clients, was);
  return now;
}

async function scale(
  { endpoints }: VertexClients,
  wanted: ModelDeployment,
  { deployedId, model }: Deployed,
): Promise<void> {
  const { machineSpec: _, ...bounds } = resourcesOf(wanted);
  const [operation] = await endpoints.mutateDeployedModel({
    endpoint: endpointOf(wanted),
    deployedModel: { id: deployedId, model, dedicatedResources: bounds },
    updateMask: {
      paths: [
        'dedicated_resources.min_replica_count',
        'dedicated_resources.max_replica_count',
        'dedicated_resources.autoscaling_metric_specs',
      ],
    },
  });
  await operation.promise();
}

/** Takes it off the endpoint; its share goes to the others. */
async function undeploy(clients: VertexClients, was: ModelDeployment & Deployed): Promise<void> {
  const { deployed, traffic } = await endpointNow(clients, was);
  if (!deployed.some(({ id }) => id === was.deployedId)) return;
  const { [was.deployedId]: share = 0, ...others } = traffic;
  const [first] = Object.entries(others).sort(([, a], [, b]) => b - a);
  const left = first === undefined || share === 0 ? others : { ...others, [first[0]]: first[1] + share };
  const [operation] = await clients.endpoints.undeployModel({
    endpoint: endpointOf(was),
    deployedModelId: was.deployedId,
    trafficSplit: left,
  });
  await operation.promise();
}

/** Takes it away wholly. What is gone already is fine. */
export async function deleteModel(clients: VertexClients, was: ModelDeployment & Deployed): Promise<void> {
  await orGone(undeploy(clients, was));
  await orGone(clients.models.deleteModel({ name: was.model }).then(([operation]) => operation.promise()));
}

async function orGone(done: Promise<unknown>): Promise<void> {
  await done.catch((error: { code?: unknown }) => {
    if (error.code !== NOT_FOUND && error.code !== 404) throw error;
  });
}

/** What is there of it now; null: it is gone, and is to be made again. */
export async function readModel(
  clients: VertexClients,
  was: ModelDeployment & Deployed,
): Promise<Deployed | null> {
  const { deployed } = await endpointNow(clients, was);
  const found = deployed.find(({ id }) => id === was.deployedId);
  return found === undefined ? null : { model: was.model, deployedId: was.deployedId };
}
