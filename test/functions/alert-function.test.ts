/** The edges of alerting: what Pub/Sub pushes, what the scheduler calls. */
import { beforeEach, describe, expect, it } from 'vitest';
import { sent } from '../../functions/alert/channel/channel.ts';
import type { HealthOptions } from '../../functions/alert/health.ts';
import { acknowledge, addSilence, endSilence } from '../../functions/alert/operate.ts';
import { alertEvents, alerts } from '../../functions/alert/rows.ts';
import { alertConfig } from '../../functions/alert/rules/config.ts';
import { observationOf } from '../../functions/alert/verdict-observation.ts';
import { answerRemind, answerVerdict } from '../../functions/alert-function.ts';
import type { VerdictMessage } from '../../functions/detect/verdict.ts';
import { MemoryAlerts } from './alert/memory-store.ts';
import { MemoryWarehouse } from './memory-warehouse.ts';

const START = Date.UTC(2026, 10, 20, 10);
const iso = (ms: number): string => new Date(ms).toISOString();

function verdict(index: number, rate: number, changed: Partial<VerdictMessage> = {}): VerdictMessage {
  const startMs = START + index * 10_000;
  return {
    ...{ version: 1, id: `v${index}`, job: 'service_health', service: 'payment' },
    window: { start: iso(startMs), end: iso(startMs + 10_000), revision: 1, incomplete: false },
    ...{
      judgedAt: iso(startMs + 16_000),
      severity: rate > 0.1 ? 'page' : 'ok',
      score: 0.9,
      recovered: false,
    },
    decidedBy: 'model',
    models: {
      version: 'm1',
      failureProbability: 0.4,
      horizonMs: 300_000,
      anomalyScore: 0.5,
      anomalyReasons: [],
    },
    findings:
      rate > 0.1
        ? [
            {
              rule: 'error_rate',
              weight: 0.9,
              measure: 'error_rate',
              unit: 'share',
              now: rate,
              usual: 0.02,
              summary: 'many errors',
            },
          ]
        : [],
    summary: 'payment: many errors',
    category: 'database',
    measures: [
      { name: 'entries', unit: 'entries', now: 200, usual: 210 },
      { name: 'error_rate', unit: 'share', now: rate, usual: 0.02 },
      { name: 'latency_mean', unit: 'ms', now: 55, usual: 50 },
    ],
    patterns: [{ patternId: 'p1', entries: 110, isNew: false, category: 'database' }],
    samples: [
      { time: iso(startMs + 1234), severity: 'ERROR', message: 'db is gone', patternId: 'p1', traceId: 't1' },
      {
        time: iso(startMs + 999),
        severity: 'ERROR',
        message: 'db is gone, too',
        patternId: 'p2',
        traceId: 't1',
      },
    ],
    traceIds: ['t1'],
    ...changed,
  };
}

const push = (value: unknown) => ({
  message: {
    data: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64'),
    messageId: '1',
    publishTime: iso(START),
  },
});

let nowMs: number;
let told: string[];
let store: MemoryAlerts;
let warehouse: MemoryWarehouse;

const effects = () => ({
  store,
  warehouse,
  channels: [
    {
      name: 'slack' as const,
      updates: 'edit' as const,
      intervalMs: 0,
      send: async ({
        kind,
        message,
      }: {
        kind: string;
        message: { title: string; acknowledgedBy: string | null };
      }) => {
        told.push(
          `${kind} ${message.title}${message.acknowledgedBy === null ? '' : ` (${message.acknowledgedBy})`}`,
        );
        return sent({ ts: '1' });
      },
    },
  ],
  history: { series: async () => null, templates: async () => new Map([['p1', 'db is <*>']]) },
  clock: () => nowMs,
  pause: async () => {},
});

const settings = {
  config: alertConfig({}),
  content: { pageUrl: null, dataset: 'logweir', redact: (text: string) => text },
};

beforeEach(() => {
  nowMs = START + 16_000;
  told = [];
  store = new MemoryAlerts();
  warehouse = new MemoryWarehouse();
});

const hear = async (one: unknown, atMs: number): Promise<void> => {
  nowMs = atMs;
  await answerVerdict(push(one), effects(), settings);
};

describe('a verdict', () => {
  it('of trouble is told, with rows that say so', async () => {
    await hear(verdict(0, 0.55), START + 16_000);
    expect(told).toEqual(['opened payment: 55 % errors (usually 2.0 %)']);
    const [row] = warehouse.rows(alerts);
    expect(row).toMatchObject({
      service: 'payment',
      rule: 'error_spike',
      state: 'firing',
      groupId: expect.stringMatching(/^i-/),
    });
    expect(JSON.parse(row!.evidence)).toMatchObject({ patterns: [{ template: 'db is <*>', entries: 110 }] });
    expect(warehouse.rows(alertEvents).map(({ from, to, delivery }) => [from, to, delivery])).toEqual([
      ['ok', 'pending', null],
      ['pending', 'firing', null],
      [null, 'firing', 'sent'],
    ]);
  });

  it.each(['', 'no json', '{"version":1}', '[]', 'null'])(
    'that is none (%s) is let go, not delivered for ever',
    async (text) => {
      await expect(answerVerdict(push(text), effects(), settings)).resolves.toBeUndefined();
      expect(told).toEqual([]);
    },
  );

  it('that cannot be kept is not acknowledged', async () => {
    store.commit = async () => {
      throw new Error('unavailable');
    };
    await expect(answerVerdict(push(verdict(0, 0.55)), effects(), settings)).rejects.toThrow('unavailable');
  });

  it('that is kept is acknowledged although nothing can be sent, and goes out with the next call', async () => {
    const { dueThreads } = store;
    store.dueThreads = async () => {
      throw new Error('unavailable');
    };
    await hear(verdict(0, 0.55), START + 16_000);
    expect(told).toEqual([]);
    store.dueThreads = dueThreads;
    await answerRemind(effects(), settings, null);
    expect(told).toHaveLength(1);
  });

  it('tells the earliest error of a trace, and errors in numbers', () => {
    const observation = observationOf(verdict(0, 0.55));
    expect(observation.errors).toBe(110);
    expect(observation.evidence.traces).toEqual([{ id: 't1', atMs: START + 999 }]);
    expect(observation.evidence.samples[0]).toBe('10:00:01.234 ERROR db is gone');
    expect(observation.signals.error_rate?.deviations).toBeGreaterThan(40);
    expect(observation.signals.latency).toMatchObject({ now: 55, usual: 50, decided: false });
  });

  it('of latency that is unusually low is no alarm', () => {
    const fast = {
      rule: 'latency',
      weight: 0.3,
      measure: 'latency_mean',
      unit: 'ms',
      now: 5,
      usual: 50,
      summary: 'fast',
    } as const;
    expect(observationOf(verdict(0, 0, { findings: [fast] })).signals.latency?.decided).toBe(false);
  });
});

describe('the scheduler', () => {
  it('lets the clock resolve, and reminds', async () => {
    await hear(verdict(0, 0.55), START + 16_000);
    await hear(verdict(1, 0.01), START + 26_000);
    nowMs = START + 120_000;
    expect(await answerRemind(effects(), settings, null)).toMatchObject({
      status: 200,
      body: { notices: 1 },
    });
    expect(told.at(-1)).toBe('resolved payment: 55 % errors (usually 2.0 %)');
  });

  it('does what it can when a part fails, and says so', async () => {
    await hear(verdict(0, 0.55), START + 16_000);
    told = [];
    store.activeServices = async () => {
      throw new Error('unavailable');
    };
    await store.retry(nowMs);
    expect(await answerRemind(effects(), settings, null)).toEqual({
      status: 500,
      body: { error: 'failed: tick' },
    });
  });

  it('looks at the health of the pipeline and at objectives', async () => {
    const config = alertConfig({
      objectives: [{ services: ['pay*'], target: 0.99, long: '1h', short: '5m', factor: 2 }],
    });
    const rows: Record<string, unknown>[][] = [
      [{ lag: 400_000, dead_letters: 500, failed_writes: 3, fallback: 0.9 }],
      [{ service: 'payment', long_entries: 1e5, long_errors: 5e3, short_entries: 1e4, short_errors: 900 }],
    ];
    const bigquery = {
      query: async ({ params }: { params: Record<string, unknown> }) => [rows['long' in params ? 1 : 0]],
    };
    const health = {
      bigquery,
      dataset: 'logweir',
      config,
      hasModels: true,
      everyMs: 300_000,
    } as unknown as HealthOptions;
    const quick = { ...settings, config };
    for (const minute of [5, 10, 15]) {
      nowMs = START + minute * 60_000 + 1_000;
      await answerRemind(effects(), quick, health);
    }
    const firing = warehouse.rows(alerts).map(({ service, rule }) => `${service} ${rule}`);
    expect(new Set(firing)).toEqual(
      new Set([
        'logweir pipeline_lag',
        'logweir dead_letters',
        'logweir failed_writes',
        'logweir model_fallback',
        'payment slo_burn',
      ]),
    );
  });
});

describe('a person', () => {
  it('silences by labels, until it ends', async () => {
    const { id } = await addSilence(
      store,
      { match: { service: 'pay*' }, forMs: 3_600_000, author: 'ana', comment: 'known' },
      nowMs,
    );
    await hear(verdict(0, 0.55), START + 16_000);
    expect(told).toEqual([]);
    expect(warehouse.rows(alerts).map(({ state }) => state)).toEqual(['silenced']);
    expect(await endSilence(store, id, nowMs)).toBe(true);
    expect(await endSilence(store, id, nowMs)).toBe(false);
    await answerRemind(effects(), settings, null);
    expect(told).toEqual(['opened payment: 55 % errors (usually 2.0 %)']);
  });

  it('cannot silence everything, for ever, or without a name', async () => {
    const request = { match: { service: 'a' }, forMs: 1000, author: 'ana', comment: '' };
    await expect(addSilence(store, { ...request, match: {} }, nowMs)).rejects.toThrow('needs a label');
    await expect(addSilence(store, { ...request, forMs: 1e12 }, nowMs)).rejects.toThrow('31 days');
    await expect(addSilence(store, { ...request, author: ' ' }, nowMs)).rejects.toThrow('author');
  });

  it('takes an incident, and the message says who has it', async () => {
    await hear(verdict(0, 0.55), START + 16_000);
    const context = { channels: effects().channels, content: settings.content };
    const { id } = store.board.incidents[0]!;
    expect(await acknowledge(store, { id, by: 'ana' }, context, nowMs)).toMatchObject({
      acknowledgedBy: 'ana',
    });
    await answerRemind(effects(), settings, null);
    expect(told.at(-1)).toContain('(ana)');
    expect(warehouse.rows(alerts).at(-1)).toMatchObject({ acknowledgedBy: 'ana' });
    expect(await acknowledge(store, { id: 'i-none', by: 'ana' }, context, nowMs)).toBeNull();
  });
});
