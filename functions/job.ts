/**
 * The jobs, as data: what is counted, per what, in which windows, and where the rows go. Both runtimes run them:
 * the operator in memory (functions/stream) and the functions (functions/window).
 */
import type { Config } from './config.ts';
import { errorCounter } from './error-counter.ts';
import type { LogEntry } from './parse/log-entry.ts';
import { WARNING } from './parse/severity.ts';
import { serviceStats } from './service-stats.ts';
import { tumbling } from './stream/assigner.ts';
import { type Job, stream } from './stream/job.ts';
import type { Table } from './warehouse/table.ts';
import { errorWindows, serviceWindows, type WindowRow } from './warehouse/window-tables.ts';

export type JobSettings = Pick<Config, 'jobs' | 'windowSizeMs' | 'allowedLatenessMs'>;

/** A job over log entries and the table of its rows; its accumulators and results are its own business. */
export interface LogPipeline {
  readonly job: Job<LogEntry, unknown, unknown>;
  readonly table: Table<WindowRow<unknown>>;
}

/** Warnings and worse per service: the snippet that Flink users start from, in event time. */
export const errorCounts = ({ windowSizeMs, allowedLatenessMs }: JobSettings) =>
  stream<LogEntry>('error_counts')
    .timestampBy((entry) => Math.floor(entry.timestamp / 1000))
    .filter((entry) => entry.severity >= WARNING)
    .keyBy((entry) => entry.service)
    .window(tumbling(windowSizeMs))
    .allowedLateness(allowedLatenessMs)
    .aggregate(errorCounter);

/** The full statistics of every entry per service. */
export const serviceHealth = ({ windowSizeMs, allowedLatenessMs }: JobSettings) =>
  stream<LogEntry>('service_health')
    .timestampBy((entry) => Math.floor(entry.timestamp / 1000))
    .keyBy((entry) => entry.service)
    .window(tumbling(windowSizeMs))
    .allowedLateness(allowedLatenessMs)
    .aggregate(serviceStats);

const PIPELINES: Readonly<Record<Config['jobs'][number], (settings: JobSettings) => LogPipeline>> = {
  error_counts: (settings) => ({ job: errorCounts(settings), table: errorWindows }) as LogPipeline,
  service_health: (settings) => ({ job: serviceHealth(settings), table: serviceWindows }) as LogPipeline,
};

/** The jobs that the setting LOGWEIR_JOBS names. */
export const pipelines = (settings: JobSettings): readonly LogPipeline[] =>
  settings.jobs.map((name) => PIPELINES[name](settings));
