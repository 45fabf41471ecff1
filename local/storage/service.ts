/**
 * Cloud Storage on a laptop: the JSON API with objects as files, as Google's client and `gcloud storage` speak it.
 * Guarantee: see store.ts; an object that was acknowledged survives a restart and SIGKILL.
 * Lifecycle rules are applied by a sweep, once an hour where Cloud Storage takes up to a day.
 * Not there: noncurrent versions, ACLs and IAM, signed URLs, the XML API, notifications (Pub/Sub subscriptions that
 * write here do it over this API), enforcement of retention policies.
 */
import { join } from 'node:path';
import { serveHttp } from '../http.ts';
import type { LocalService } from '../service.ts';
import { type Timers, wallTimers } from '../timers.ts';
import { bucketRoutes } from './bucket-routes.ts';
import { dueAction } from './lifecycle.ts';
import { objectRoutes } from './object-routes.ts';
import { ObjectStore } from './store.ts';
import { uploadRoutes } from './upload-routes.ts';
import { UploadSessions } from './upload-sessions.ts';

export interface StorageOptions {
  /** 0 lets the system choose. */
  readonly port: number;
  /** Folder of the objects; made when missing. */
  readonly dataDir: string;
  readonly timers?: Timers;
  /** Between two lifecycle sweeps; one hour by default. */
  readonly lifecycleMs?: number;
}

export interface StorageStats {
  readonly buckets: number;
  readonly objects: number;
}

export interface StorageService extends LocalService {
  stats(): StorageStats;
}

const LIFECYCLE_MS = 3_600_000;

/** Starts the service. */
export async function startStorage(options: StorageOptions): Promise<StorageService> {
  const timers = options.timers ?? wallTimers;
  const store = new ObjectStore(options.dataDir, () => timers.now());
  const sessions = new UploadSessions(join(options.dataDir, 'uploads'), store, timers.now());
  const server = await serveHttp({
    port: options.port,
    stage: 'local-storage',
    routes: [...bucketRoutes(store), ...objectRoutes(store), ...uploadRoutes(store, sessions)],
  });
  const sweepMs = options.lifecycleMs ?? LIFECYCLE_MS;
  const sweep = (): void => {
    applyLifecycles(store, timers.now());
    cancelSweep = timers.after(sweepMs, sweep);
  };
  let cancelSweep = timers.after(sweepMs, sweep);
  const close = async (): Promise<void> => {
    cancelSweep();
    await server.close();
    await sessions.close();
  };
  let closed: Promise<void> | undefined;
  return {
    port: server.port,
    stats: () => {
      const names = store.buckets().map(({ name }) => name);
      return {
        buckets: names.length,
        objects: names.reduce((count, name) => count + store.objects(name).size, 0),
      };
    },
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

/** Does what the lifecycle rules of all buckets ask for. */
function applyLifecycles(store: ObjectStore, nowMs: number): void {
  for (const { name, settings } of store.buckets()) {
    if (settings.lifecycle === undefined) continue;
    for (const object of [...store.objects(name).all()]) {
      const action = dueAction(settings, object, nowMs);
      if (action?.type === 'Delete') store.remove(object);
      else if (action) store.update(object, { storageClass: action.storageClass });
    }
  }
}
