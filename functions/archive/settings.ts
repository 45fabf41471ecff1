/** The settings of archive, retention and protection, as functions/config.ts takes them in. */
import { duration, type Kind, name, named, optional, policyTag, setting } from '../setting-kinds.ts';

/** A connection of BigQuery, as a statement names it. */
const connection: Kind<string> = {
  allowed: 'project.location.connection',
  parse: (text) => (/^[a-z][a-z0-9.:-]*\.[a-z0-9-]+\.[\w-]+$/.test(text) ? text : undefined),
};

export const ARCHIVE_SETTINGS = {
  archiveBucket: setting(
    'LOGWEIR_ARCHIVE_BUCKET',
    optional(name),
    '',
    'bucket of the raw archive and of the cold tier; empty: neither is read or written by functions',
  ),
  coldConnection: setting(
    'LOGWEIR_COLD_CONNECTION',
    optional(connection),
    '',
    'connection of BigQuery by which the table of cold days reads the archive bucket: who asks needs no right to the bucket then; empty: who asks must be able to read the bucket',
  ),
  tierAfterMs: setting(
    'LOGWEIR_TIER_AFTER',
    duration(86_400_000, 315_360_000_000),
    '30d',
    'age at which the days of log_entries move from BigQuery to Parquet in the archive bucket',
  ),
  archiveKeepMs: setting(
    'LOGWEIR_RETENTION',
    duration(86_400_000, 315_360_000_000),
    '400d',
    'age at which raw messages and cold log entries are deleted from the archive bucket',
  ),
  serviceRetention: setting(
    'LOGWEIR_SERVICE_RETENTION',
    named(duration(86_400_000, 315_360_000_000)),
    '',
    'services (* is any text, the first that fits counts) whose log entries are deleted earlier, hot and cold; raw messages, which mix services, stay: debug-*=7d,batch=30d',
  ),
  tableExpirationMs: setting(
    'LOGWEIR_TABLE_EXPIRATION',
    named(duration(86_400_000, 315_360_000_000)),
    '',
    'age at which partitions of tables are deleted, by table: service_windows=400d,dead_letters=90d; a table that is not named keeps all, and log_entries should keep longer than LOGWEIR_TIER_AFTER',
  ),
  policyTag: setting(
    'LOGWEIR_POLICY_TAG',
    optional(policyTag),
    '',
    'policy tag of the columns that hold personal data: who may not read it may not read them; empty: none is set',
  ),
} as const;
