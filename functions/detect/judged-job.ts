/** The job (functions/job.ts) whose windows are judged. */
export const JUDGED_JOB = 'service_health';
