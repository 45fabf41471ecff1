/**
 * Google's clients as the settings name them, each loaded when first used, because a cold start pays for every
 * import. An endpoint that is set is spoken to in plain text and without credentials: that is all that differs
 * between a laptop and the cloud.
 */
import type { BigQuery } from '@google-cloud/bigquery';
import type { Firestore } from '@google-cloud/firestore';
import type { PubSub, Topic } from '@google-cloud/pubsub';
import type { Bucket } from '@google-cloud/storage';
import type { CloudTasksClient } from '@google-cloud/tasks';
import type { Config } from './config.ts';

/** The Firestore of the window state; FIRESTORE_EMULATOR_HOST is the client's own setting. */
export async function openFirestore(
  config: Pick<Config, 'project' | 'firestoreDatabase'>,
): Promise<Firestore> {
  const { Firestore } = await import('@google-cloud/firestore');
  return new Firestore({ projectId: config.project, databaseId: config.firestoreDatabase });
}

/** A bucket of Cloud Storage; STORAGE_EMULATOR_HOST is the client's own setting. */
export async function openBucket(config: Pick<Config, 'project'>, name: string): Promise<Bucket> {
  const { Storage } = await import('@google-cloud/storage');
  return new Storage({ projectId: config.project }).bucket(name);
}

/** BigQuery's REST API, for queries; rows are appended by the warehouse. */
export async function openBigquery(config: Pick<Config, 'project' | 'bigqueryEndpoint'>): Promise<BigQuery> {
  const { BigQuery } = await import('@google-cloud/bigquery');
  const { project: projectId, bigqueryEndpoint: apiEndpoint } = config;
  return new BigQuery(apiEndpoint === null ? { projectId } : { projectId, apiEndpoint });
}

/** Pub/Sub itself, for subscriptions that come and go; PUBSUB_EMULATOR_HOST is the client's own setting. */
export async function openPubsub(config: Pick<Config, 'project'>): Promise<PubSub> {
  const { PubSub } = await import('@google-cloud/pubsub');
  return new PubSub({ projectId: config.project });
}

/** A topic of Pub/Sub; PUBSUB_EMULATOR_HOST is the client's own setting. */
export async function openTopic(config: Pick<Config, 'project'>, name: string): Promise<Topic> {
  return (await openPubsub(config)).topic(name);
}

/** Base URL of Vertex AI's REST API for the location, up to and without a trailing slash. */
export const vertexParent = (config: Pick<Config, 'project' | 'location' | 'vertexEndpoint'>): string =>
  `${config.vertexEndpoint ?? `https://${config.location}-aiplatform.googleapis.com`}/v1/projects/${config.project}/locations/${config.location}`;

/** The Authorization header for Vertex AI; null where an endpoint is set, which wants none. */
export function vertexAuthorization(config: Pick<Config, 'vertexEndpoint'>): () => Promise<string | null> {
  if (config.vertexEndpoint !== null) return async () => null;
  const auth = import('google-auth-library').then(
    ({ GoogleAuth }) => new GoogleAuth({ scopes: 'https://www.googleapis.com/auth/cloud-platform' }),
  );
  auth.catch(() => undefined);
  return async () => `Bearer ${await (await auth).getAccessToken()}`;
}

type TasksOptions = NonNullable<ConstructorParameters<typeof CloudTasksClient>[0]>;

/** Cloud Tasks over REST, which starts faster than gRPC and does the same. */
export async function openTasks(
  config: Pick<Config, 'project' | 'tasksEndpoint'>,
): Promise<CloudTasksClient> {
  const { CloudTasksClient } = await import('@google-cloud/tasks');
  const endpoint = config.tasksEndpoint;
  if (endpoint === null) return new CloudTasksClient({ projectId: config.project, fallback: true });
  const { GoogleAuth, PassThroughClient } = await import('google-auth-library');
  return new CloudTasksClient({
    projectId: config.project,
    fallback: true,
    protocol: 'http',
    apiEndpoint: endpoint.host,
    port: endpoint.port,
    // The client bundles its own copy of the library: one thing, two nominal types.
    auth: new GoogleAuth({ authClient: new PassThroughClient() }) as unknown as NonNullable<
      TasksOptions['auth']
    >,
  });
}

/** Full name of the queue of the window timers. */
export const timerQueue = (config: Pick<Config, 'project' | 'location' | 'timerQueue'>): string =>
  `projects/${config.project}/locations/${config.location}/queues/${config.timerQueue}`;
