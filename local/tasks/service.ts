/**
 * Cloud Tasks on a laptop: API v2 over REST, as Google's client in REST fallback mode speaks it.
 * Guarantee: a queue or task that was acknowledged survives a restart and SIGKILL; a task runs at least once, and
 * twice when the service died in mid-run. A name is refused while its task exists and for an hour after it ended.
 * Accepted and without effect: oidcToken and oauthToken (no token is sent), update masks (all given fields are
 * taken), IAM. Refused: App Engine targets.
 */
import { serveHttp } from '../http.ts';
import type { LocalService } from '../service.ts';
import { type Timers, wallTimers } from '../timers.ts';
import { type Dispatch, httpDispatcher } from './dispatch.ts';
import { TaskEngine, type TaskStats } from './engine.ts';
import { taskRoutes } from './routes.ts';

export interface TasksOptions {
  /** 0 lets the system choose. */
  readonly port: number;
  /** Folder of the journal; made when missing. */
  readonly dataDir: string;
  readonly timers?: Timers;
  /** How tasks are sent; HTTP by default. */
  readonly dispatch?: Dispatch;
}

export interface TasksService extends LocalService {
  stats(): TaskStats;
}

/** Starts the service. */
export async function startTasks(options: TasksOptions): Promise<TasksService> {
  const timers = options.timers ?? wallTimers;
  const http = httpDispatcher();
  const engine = new TaskEngine({
    dataDir: options.dataDir,
    timers,
    dispatch: options.dispatch ?? http.dispatch,
  });
  const stop = async (): Promise<void> => {
    await engine.stop();
    http.close();
  };
  const server = await serveHttp({
    port: options.port,
    stage: 'local-tasks',
    routes: taskRoutes(engine),
  }).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  let closed: Promise<void> | undefined;
  return {
    port: server.port,
    stats: () => engine.stats(),
    close: () => {
      closed ??= server.close().then(stop);
      return closed;
    },
  };
}
