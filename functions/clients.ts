/**
 * Google's clients as the settings name them, each loaded when first used, because a cold start pays for every
 * import. An endpoint that is set is spoken to in plain text and without credentials: that is all that differs
 * between a laptop and the cloud.
 */
import type { Firestore } from '@google-cloud/firestore';
import type { CloudTasksClient } from '@google-cloud/tasks';
import type { Config } from './config.ts';

/** The Firestore of the window state; FIRESTORE_EMULATOR_HOST is the client's own setting. */
export async function openFirestore(
  config: Pick<Config, 'project' | 'firestoreDatabase'>,
): Promise<Firestore> {
  const { Firestore } = await import('@google-cloud/firestore');
  return new Firestore({ projectId: config.project, databaseId: config.firestoreDatabase });
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
