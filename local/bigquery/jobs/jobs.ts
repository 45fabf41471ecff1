/**
 * The jobs of the running process: started when they are inserted, kept for a day after they are done (results with
 * them), the oldest let go where there are too many. A restart forgets them, but for load jobs that were done; what they
 * wrote stays.
 */
import { randomUUID } from 'node:crypto';
import type { Warehouse } from '../engine/warehouse.ts';
import { duplicate, errorProto, failure, invalid, notFound } from '../failure.ts';
import type { Job, JobConfiguration, JobKind, JobOutcome } from './job.ts';

export type Runner = (job: Job, signal: AbortSignal) => Promise<JobOutcome>;
/** A job that an earlier process has done. */
export type Recorded = (jobId: string) => Job | undefined;

export interface NewJob {
  readonly kind: JobKind;
  readonly configuration: JobConfiguration;
  readonly upload?: string | undefined;
  readonly jobId?: string | undefined;
  readonly location?: string | undefined;
  /** Milliseconds after which the job is stopped. */
  readonly timeoutMs?: number | undefined;
}

interface Running {
  job: Job;
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

const KEPT_MS = 24 * 3_600_000;
const KEPT_JOBS = 2_000;
const JOB_ID = /^[A-Za-z0-9_-]{1,1024}$/;

export class Jobs {
  readonly #warehouse: Warehouse;
  readonly #run: Runner;
  /** Longest time a job may run. */
  readonly #deadlineMs: number;
  readonly #recorded: Recorded;
  readonly #jobs = new Map<string, Running>();

  constructor(
    warehouse: Warehouse,
    run: Runner,
    { deadlineMs, recorded }: { readonly deadlineMs: number; readonly recorded: Recorded },
  ) {
    this.#warehouse = warehouse;
    this.#run = run;
    this.#deadlineMs = deadlineMs;
    this.#recorded = recorded;
  }

  /** Starts a job. A job id that was used is refused, which makes a client's retry safe. */
  insert(asked: NewJob): Job {
    const jobId = asked.jobId ?? `job_${randomUUID().replaceAll('-', '')}`;
    if (!JOB_ID.test(jobId)) {
      throw invalid(
        `Invalid job ID "${jobId}". Job IDs must be alphanumeric (plus underscores and dashes) and must be at most 1024 characters long.`,
      );
    }
    const { projectId, location, timers } = this.#warehouse;
    if (this.#jobs.has(jobId) || this.#recorded(jobId))
      throw duplicate(`Job ${projectId}:${asked.location ?? location}.${jobId}`);
    this.#forget();
    const job: Job = {
      jobId,
      projectId,
      location: asked.location ?? location,
      kind: asked.kind,
      configuration: asked.configuration,
      ...(asked.upload === undefined ? {} : { upload: asked.upload }),
      createdMs: timers.now(),
      state: 'PENDING',
    };
    const abort = new AbortController();
    const running: Running = { job, abort, done: Promise.resolve().then(() => this.#start(running, asked)) };
    this.#jobs.set(jobId, running);
    return job;
  }

  /** The job, or a 404. */
  get(jobId: string): Job {
    return this.#jobs.get(jobId)?.job ?? this.#recorded(jobId) ?? this.#find(jobId).job;
  }

  /** Newest first. */
  list(): Job[] {
    return [...this.#jobs.values()].map(({ job }) => job).reverse();
  }

  /** Asks it to stop; a job that is done stays as it is. */
  cancel(jobId: string): Job {
    const running = this.#find(jobId);
    running.abort.abort(failure('stopped', 'Job execution was cancelled: User requested cancellation'));
    return running.job;
  }

  /** Waits until it is done, at most `ms`; returns it as it then is. */
  async wait(jobId: string, ms: number): Promise<Job> {
    const running = this.#find(jobId);
    if (running.job.state !== 'DONE' && ms > 0) {
      await new Promise<void>((resolve) => {
        const cancel = this.#warehouse.timers.after(ms, resolve);
        void running.done.then(() => {
          cancel();
          resolve();
        });
      });
    }
    return running.job;
  }

  /** Forgets a job that is done. */
  remove(jobId: string): void {
    const running = this.#find(jobId);
    if (running.job.state !== 'DONE') throw invalid(`Job ${jobId} is still running.`);
    this.#drop(jobId, running);
  }

  /** Stops all that run and waits for them. */
  async close(): Promise<void> {
    const reason = failure('backendError', 'The service is shutting down.');
    for (const { abort } of this.#jobs.values()) abort.abort(reason);
    await Promise.all([...this.#jobs.values()].map(({ done }) => done));
    for (const [jobId, running] of this.#jobs) this.#drop(jobId, running);
  }

  async #start(running: Running, asked: NewJob): Promise<void> {
    const { timers } = this.#warehouse;
    const { abort } = running;
    const limitMs = Math.min(asked.timeoutMs ?? this.#deadlineMs, this.#deadlineMs);
    const late = failure(
      'timeout',
      `Operation timed out after ${limitMs} ms. Consider reducing the amount of work.`,
    );
    const cancel = timers.after(limitMs, () => abort.abort(late));
    running.job = { ...running.job, state: 'RUNNING', startedMs: timers.now() };
    try {
      const outcome = await this.#run(running.job, abort.signal);
      running.job = { ...running.job, state: 'DONE', endedMs: timers.now(), outcome };
    } catch (error) {
      const proto = errorProto(abort.signal.aborted ? abort.signal.reason : error);
      if (proto.reason === 'internalError') logFault(running.job, error);
      running.job = { ...running.job, state: 'DONE', endedMs: timers.now(), error: proto };
    } finally {
      cancel();
    }
  }

  #find(jobId: string): Running {
    const running = this.#jobs.get(jobId);
    if (running) return running;
    throw notFound(`Job ${this.#warehouse.projectId}:${jobId}`);
  }

  #forget(): void {
    const before = this.#warehouse.timers.now() - KEPT_MS;
    for (const [jobId, running] of this.#jobs) {
      const { state, endedMs } = running.job;
      if (state !== 'DONE') continue;
      if ((endedMs ?? 0) > before && this.#jobs.size < KEPT_JOBS) break;
      this.#drop(jobId, running);
    }
  }

  #drop(jobId: string, running: Running): void {
    running.job.outcome?.result?.close();
    this.#jobs.delete(jobId);
  }
}

function logFault(job: Job, error: unknown): void {
  const cause = error instanceof Error ? error.stack : String(error);
  console.error(
    JSON.stringify({
      severity: 'ERROR',
      stage: 'local-bigquery',
      job: job.jobId,
      kind: job.kind,
      error: cause,
    }),
  );
}
