import { describe, expect, it } from 'vitest';
import { screen, summary } from '../../../local/start/screen.ts';

const state = {
  endpoints: {
    projectId: 'p',
    dataset: 'logweir',
    topic: 'logs',
    archiveBucket: 'a',
    pubsub: '',
    bigqueryWrite: '',
    firestore: '',
    bigquery: '',
    storage: '',
    tasks: '',
    parse: '',
    close: '',
    sweep: '',
    learn: '',
    tier: '',
    alert: '',
    remind: '',
    alerts: '',
    smtp: '',
    page: '',
    drift: '',
    vertex: 'http://127.0.0.1:8712',
    modelEndpoint: 'models',
    verdictTopic: 'verdicts',
    stateBucket: '',
    pid: 1,
  },
  dataDir: '/data',
  upMs: 3_725_000,
  figures: {
    entries: 12_345,
    batches: 10,
    deadLetters: 2,
    lateEntries: 0,
    duplicates: 0,
    windowsFired: 7,
    revisions: 1,
    failures: 0,
    entriesPerSecond: 200.4,
    lagP50Ms: 41,
    lagP99Ms: 160,
  },
  waitingMessages: 3,
  openTimers: 2,
  archivedObjects: 4,
  restarts: [
    ['parse', 1],
    ['close', 0],
  ] as const,
  windows: [
    {
      service: 'auth',
      startMs: Date.UTC(2026, 10, 20, 10, 0, 10),
      revision: 1,
      entries: 400,
      errors: 10,
      p95Ms: 88.4,
    },
  ],
};

describe('the screen of start', () => {
  it('shows rates, lag, windows, restarts and the last window of each service', () => {
    const text = screen(state).join('\n');
    expect(text).toContain('up 01:02:05   200 entries/s   lag p50 41 ms, p99 160 ms');
    expect(text).toContain('windows: 2 open, 7 fired, 1 revised');
    expect(text).toContain('parse was started again 1 time');
    expect(text).not.toContain('close was');
    expect(text).toMatch(/auth +10:00:10 +1 +400 +10 \(2\.5 %\) +88 ms/);
  });

  it('says so while no window has closed, and takes one line where there is no terminal', () => {
    expect(screen({ ...state, windows: [] }).join('\n')).toContain('no window has closed yet');
    expect(summary(state)).toBe(
      'up 01:02:05: 200 entries/s, 12,345 entries, 2 dead letters, lag p99 160 ms, windows 2 open, 7 fired',
    );
  });
});
