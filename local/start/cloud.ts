/**
 * The laptop cloud: stand-ins of Google's services, what a deployment provisions in them, and the functions, each
 * in a process of its own. Pub/Sub, Storage, Firestore and Cloud Tasks run in this process, BigQuery in its own.
 *
 * Guarantee: a second start with the same data folder goes on where the first stopped or died. One start at a time
 * per data folder. `close` stops the source of work first, so that little is delivered again.
 */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ALERT_COLLECTIONS } from '../../functions/alert/collections.ts';
import { DETECT_COLLECTIONS } from '../../functions/detect/collections.ts';
import { WINDOW_COLLECTIONS } from '../../functions/window/collections.ts';
import { type AlertCatcher, startAlertCatcher } from '../alerts/service.ts';
import { type Endpoints, findEndpoints, PROJECT, removeEndpoints, writeEndpoints } from '../endpoints.ts';
import { type FirestoreService, startFirestore } from '../firestore/service.ts';
import { type PubsubService, startPubsub } from '../pubsub/service.ts';
import { type StorageService, startStorage } from '../storage/service.ts';
import { startTasks, type TasksService } from '../tasks/service.ts';
import { type FunctionOptions, functionEnv, startFunctions } from './functions.ts';
import { uploadModels } from './models.ts';
import { checkPorts, type Ports } from './ports.ts';
import { answers, logFile, SupervisedProcess } from './process.ts';
import { makeResources } from './resources.ts';

const BIGQUERY_MAIN = fileURLToPath(new URL('../bigquery/main.ts', import.meta.url));
const VERTEX_MAIN = fileURLToPath(new URL('../vertex/main.ts', import.meta.url));
const ARTIFACTS = fileURLToPath(new URL('../../models/artifacts', import.meta.url));
export interface CloudOptions extends FunctionOptions {
  readonly dataDir: string;
  /** Told of each step of the start. */
  readonly onStep?: (step: string) => void;
  /** Closes archive files after so many ms; a minute by default, as the subscription says. */
  readonly archiveMs?: number;
}

export interface Cloud {
  readonly endpoints: Endpoints;
  readonly dataDir: string;
  readonly services: {
    readonly pubsub: PubsubService;
    readonly storage: StorageService;
    readonly firestore: FirestoreService;
    readonly tasks: TasksService;
    readonly alerts: AlertCatcher;
  };
  readonly processes: {
    readonly bigquery: SupervisedProcess;
    readonly vertex: SupervisedProcess;
    readonly parse: SupervisedProcess;
    readonly close: SupervisedProcess;
    readonly sweep: SupervisedProcess;
    readonly learn: SupervisedProcess;
    readonly tier: SupervisedProcess;
    /** Where rows are loaded, or were and are not all in BigQuery yet. */
    readonly load?: SupervisedProcess;
    readonly drift: SupervisedProcess;
    readonly alert: SupervisedProcess;
    readonly remind: SupervisedProcess;
    readonly api: SupervisedProcess;
  };
  close(): Promise<void>;
}

/** Starts all of it; when a part fails, what had started is stopped again. */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const dataDir = resolve(options.dataDir);
  await refuseSecond(dataDir);
  await checkPorts(options.ports);
  await mkdir(join(dataDir, 'logs'), { recursive: true });
  const endpoints = endpointsOf(options.ports);
  const undo: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const stop of undo.splice(0).reverse()) await stop();
  };
  try {
    const { services, bigquery, vertex } = await startServices(dataDir, options, undo);
    options.onStep?.('topics, buckets, tables');
    await makeResources(endpoints);
    await uploadModels(ARTIFACTS, endpoints);
    options.onStep?.('functions');
    const functions = await startFunctions(endpoints, dataDir, options, undo);
    // Last to stop is what others still write to; Pub/Sub and Cloud Tasks, which call, stop first.
    undo.push(async () => {
      await Promise.all([services.pubsub.close(), services.tasks.close()]);
    });
    await writeEndpoints(dataDir, endpoints);
    undo.push(() => removeEndpoints(dataDir));
    return { endpoints, dataDir, services, processes: { bigquery, vertex, ...functions }, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function refuseSecond(dataDir: string): Promise<void> {
  const written = await findEndpoints(dataDir).catch(() => null);
  if (written === null || !isAlive(written.pid)) return;
  // After a crash another program may have the process id.
  if (!(await answers(Number(written.pubsub.split(':')[1])))) return;
  throw new Error(
    `the data folder ${dataDir} is in use by process ${written.pid} (logweir start); stop it, or choose --data-dir`,
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function endpointsOf(ports: Ports): Endpoints {
  const address = (port: number): string => `127.0.0.1:${port}`;
  const url = (port: number): string => `http://${address(port)}`;
  return {
    projectId: PROJECT,
    dataset: 'logweir',
    topic: 'logs',
    archiveBucket: 'logweir-archive',
    stateBucket: 'logweir-state',
    pubsub: address(ports.pubsub),
    bigqueryWrite: address(ports.bigqueryWrite),
    firestore: address(ports.firestore),
    bigquery: url(ports.bigquery),
    storage: url(ports.storage),
    tasks: url(ports.tasks),
    parse: url(ports.parse),
    close: url(ports.close),
    sweep: url(ports.sweep),
    learn: url(ports.learn),
    tier: url(ports.tier),
    vertex: url(ports.vertex),
    drift: url(ports.drift),
    modelEndpoint: 'models',
    verdictTopic: 'verdicts',
    alert: url(ports.alert),
    remind: url(ports.remind),
    alerts: url(ports.alerts),
    smtp: address(ports.smtp),
    page: url(ports.page),
    pid: process.pid,
  };
}

async function startServices(dataDir: string, options: CloudOptions, undo: (() => Promise<void>)[]) {
  const { ports, onStep } = options;
  const folder = (name: string): string => join(dataDir, name);
  const storageEndpoint = `http://127.0.0.1:${ports.storage}`;
  onStep?.('storage');
  const storage = await startStorage({ port: ports.storage, dataDir: folder('storage') });
  undo.push(() => storage.close());
  onStep?.('bigquery');
  const bigquery = await SupervisedProcess.start({
    name: 'bigquery',
    args: [
      '--import',
      'tsx',
      BIGQUERY_MAIN,
      JSON.stringify({
        port: ports.bigquery,
        writePort: ports.bigqueryWrite,
        dataDir: folder('bigquery'),
        projectId: PROJECT,
        storageEndpoint,
      }),
    ],
    env: { UV_THREADPOOL_SIZE: '8' },
    ports: [ports.bigquery, ports.bigqueryWrite],
    logFile: logFile(dataDir, 'bigquery'),
  });
  undo.push(() => bigquery.stop());
  onStep?.('vertex');
  const vertex = await startVertex(dataDir, options, storageEndpoint);
  undo.push(() => vertex.stop());
  onStep?.('firestore, tasks, pubsub');
  const firestore = await startFirestore({
    port: ports.firestore,
    dataDir: folder('firestore'),
    ttl: [...WINDOW_COLLECTIONS, ...DETECT_COLLECTIONS, ...ALERT_COLLECTIONS].map(
      ({ collection, ttlField }) => ({
        collectionGroup: collection,
        field: ttlField,
      }),
    ),
  });
  undo.push(() => firestore.close());
  const tasks = await startTasks({ port: ports.tasks, dataDir: folder('tasks') });
  undo.push(() => tasks.close());
  const pubsub = await startPubsub({
    port: ports.pubsub,
    dataDir: folder('pubsub'),
    storageEndpoint,
    ...(options.archiveMs === undefined ? {} : { storageMaxDurationMs: options.archiveMs }),
  });
  undo.push(() => pubsub.close());
  const alerts = await startAlertCatcher({
    port: ports.alerts,
    smtpPort: ports.smtp,
    dataDir: folder('alerts'),
  });
  undo.push(() => alerts.close());
  return { services: { pubsub, storage, firestore, tasks, alerts }, bigquery, vertex };
}

/** The models behind Vertex AI's contract, in a process of their own, which trains too. */
function startVertex(
  dataDir: string,
  { ports }: CloudOptions,
  storageEndpoint: string,
): Promise<SupervisedProcess> {
  return SupervisedProcess.start({
    name: 'vertex',
    args: [
      '--import',
      'tsx',
      VERTEX_MAIN,
      JSON.stringify({
        port: ports.vertex,
        dataDir: join(dataDir, 'vertex'),
        artifactsDir: ARTIFACTS,
        storageEndpoint,
        env: functionEnv(endpointsOf(ports)),
      }),
    ],
    ports: [ports.vertex],
    logFile: logFile(dataDir, 'vertex'),
  });
}
