/** Severities as the page groups and colours them. */
import type { LogStats, SeverityName } from '../schema/logs.ts';

export const SEVERITIES = [
  'DEFAULT',
  'DEBUG',
  'INFO',
  'NOTICE',
  'WARNING',
  'ERROR',
  'CRITICAL',
  'ALERT',
  'EMERGENCY',
] as const satisfies readonly SeverityName[];

export type Tone = 'debug' | 'info' | 'warning' | 'error' | 'critical';

export const toneOf = (severity: string): Tone => {
  switch (severity) {
    case 'DEFAULT':
    case 'DEBUG':
      return 'debug';
    case 'INFO':
    case 'NOTICE':
      return 'info';
    case 'WARNING':
      return 'warning';
    case 'ERROR':
      return 'error';
    default:
      return 'critical';
  }
};

/** Bars of a histogram, from the bottom: trouble stands on the axis, where it can be compared. */
export const TONES = ['critical', 'error', 'warning', 'info', 'debug'] as const satisfies readonly Tone[];

type Bucket = LogStats['histogram'][number];

/** Entries of a bucket by tone. */
export function tonesOf({ counts }: Pick<Bucket, 'counts'>): Record<Tone, number> {
  const tones: Record<Tone, number> = { debug: 0, info: 0, warning: 0, error: 0, critical: 0 };
  for (const [severity, count] of Object.entries(counts)) tones[toneOf(severity)] += count ?? 0;
  return tones;
}

/** Three letters, so that a column of them is quiet; the whole name is in the title. */
export const shortSeverity = (severity: string): string =>
  ({
    DEFAULT: 'DEF',
    DEBUG: 'DBG',
    INFO: 'INF',
    NOTICE: 'NOT',
    WARNING: 'WRN',
    ERROR: 'ERR',
    CRITICAL: 'CRT',
    ALERT: 'ALR',
    EMERGENCY: 'EMG',
  })[severity] ?? severity.slice(0, 3);
