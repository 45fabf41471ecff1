/** The settings of how log entries reach BigQuery, as functions/config.ts takes them in. */
import { duration, name, optional, setting, word } from '../setting-kinds.ts';

export const LOAD_SETTINGS = {
  logRows: setting(
    'LOGWEIR_LOG_ROWS',
    word('stream', 'load'),
    'stream',
    'how rows of log_entries reach BigQuery: stream, by the Storage Write API, within a second, charged by the GiB; load, by files in the staging bucket and a free load job every minute: searches see them a minute or two later, while windows, verdicts, alerts and live tail stay as they are',
  ),
  stagingBucket: setting(
    'LOGWEIR_STAGING_BUCKET',
    optional(name),
    '',
    'bucket of the files that wait to be loaded, without retention or versions; LOGWEIR_LOG_ROWS=load needs it',
  ),
  stagingWaitMs: setting(
    'LOGWEIR_STAGING_WAIT',
    duration(0, 10_000),
    '500ms',
    'how long a batch waits for others that go into the same file: longer means fewer files, each of which costs to write, and messages that are acknowledged later',
  ),
} as const;
