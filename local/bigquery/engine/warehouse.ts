/** What every part of the local BigQuery works on: handed down, never global. */

import type { Timers } from '../../timers.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Job } from '../jobs/job.ts';
import type { Database } from './database.ts';

export interface Warehouse {
  readonly projectId: string;
  /** Location of datasets and jobs that name none. */
  readonly location: string;
  readonly database: Database;
  readonly catalogue: Catalogue;
  readonly timers: Timers;
  /** Jobs that the service remembers, newest first. */
  readonly listJobs: () => readonly Job[];
  /** The Storage service that `gs://` is read from and written to; null where there is none. */
  readonly storageEndpoint: string | null;
}
