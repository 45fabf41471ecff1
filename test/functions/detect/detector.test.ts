import { beforeEach, describe, expect, it } from 'vitest';
import { createDetector, type Detector } from '../../../functions/detect/detector.ts';
import { explanationOf, isTold, type Judgement, messageOf } from '../../../functions/detect/judgement.ts';
import type { WindowsAnswer } from '../../../functions/detect/model-answer.ts';
import type {
  MessageInstance,
  ModelClient,
  WindowsInstance,
} from '../../../functions/detect/model-client.ts';
import type { ClosedWindow } from '../../../functions/detect/preparation.ts';
import { verdictMessage } from '../../../functions/detect/verdict.ts';
import { FEATURES } from '../../../models/features.ts';
import { type Content, SETTINGS, START_MS, windowAt } from './entries.ts';
import { MemoryDetectStore } from './memory-detect-store.ts';

const CALM: WindowsAnswer = { failure: 0.01, failing: false, anomaly: 0.4, anomalous: false, reasons: [] };
const USUAL: Content = { entries: 40, errors: 1 };

class Models implements ModelClient {
  answer: WindowsAnswer | null = CALM;
  readonly asked: (readonly WindowsInstance[])[] = [];
  readonly messagesAsked: string[] = [];

  async windows(instances: readonly WindowsInstance[]) {
    this.asked.push(instances);
    return { version: this.answer && 'v7', answers: instances.map(() => this.answer) };
  }

  async messages(instances: readonly MessageInstance[]) {
    this.messagesAsked.push(...instances.map(({ message }) => message));
    return { version: 'v7', answers: instances.map(() => ({ category: 'database', confidence: 0.9 })) };
  }
}

let store: MemoryDetectStore;
let models: Models;
let detector: Detector;

beforeEach(() => {
  store = new MemoryDetectStore();
  models = new Models();
  detector = createDetector({ job: 'service_health', store, models, settings: SETTINGS });
});

const close = async (...windows: readonly ClosedWindow[]): Promise<readonly Judgement[]> => {
  const { judgements, keep } = await detector.judge(windows);
  await keep();
  return judgements;
};

/** Closes `count` windows of usual content, from `first` on. */
const usually = async (
  count: number,
  first = 0,
  services: Readonly<Record<string, Content>> = { auth: USUAL },
): Promise<void> => {
  for (let i = 0; i < count; i++) await close(windowAt(first + i, services));
};

const only = async (window: ClosedWindow, service = 'auth'): Promise<Judgement> =>
  (await close(window)).find((one) => one.service === service)!;

const rulesOf = (judgement: Judgement): string[] => judgement.findings.map(({ rule }) => rule);

describe('the verdict on a window', () => {
  it('is ok where nothing is known to be usual, and where all is as usual', async () => {
    expect(await only(windowAt(0, { auth: { entries: 40, errors: 39 } }))).toMatchObject({ severity: 'ok' });
    await usually(30, 1);
    expect(await only(windowAt(31, { auth: USUAL }))).toMatchObject({
      ...{ severity: 'ok', findings: [], decidedBy: 'model', recovered: false },
    });
  });

  it('waits for a second odd window where the models find the first usual, and without them does not', async () => {
    await usually(30);
    const odd = { auth: { entries: 40, errors: 12 } };
    expect((await only(windowAt(30, odd))).severity).toBe('info');
    expect((await only(windowAt(31, odd))).severity).toBe('ticket');
    await usually(5, 32);
    models.answer = null;
    expect((await only(windowAt(37, odd))).severity).toBe('ticket');
  });

  it('names an error rate of more than five times the usual one, with the numbers', async () => {
    await usually(30);
    const judgement = await only(windowAt(30, { auth: { entries: 40, errors: 12 } }));
    expect(rulesOf(judgement)).toContain('error_rate');
    expect(judgement.severity).toBe('info');
    expect(messageOf(judgement, START_MS).findings[0]).toMatchObject({
      ...{ rule: 'error_rate', now: 0.3, usual: 0.025, unit: 'share' },
      summary: '30.0 % errors (12 of 40), usually 2.5 %',
    });
  });

  it('keeps quiet below a tenth of errors, and with fewer than three', async () => {
    await usually(30, 0, { auth: { entries: 100 } });
    expect(rulesOf(await only(windowAt(30, { auth: { entries: 100, errors: 9 } })))).not.toContain(
      'error_rate',
    );
    expect(rulesOf(await only(windowAt(31, { auth: { entries: 4, errors: 2 } })))).not.toContain(
      'error_rate',
    );
  });

  it('names a mean latency more than three deviations from the sliding baseline', async () => {
    await usually(30);
    expect(rulesOf(await only(windowAt(30, { auth: { ...USUAL, latencyMs: 55 } })))).toEqual([]);
    const slow = await only(windowAt(31, { auth: { ...USUAL, latencyMs: 400 } }));
    expect(slow.findings[0]).toMatchObject({ rule: 'latency', now: 402 });
    expect(slow.findings[0]!.usual).toBeCloseTo(52, 0);
    expect(slow.severity).toBe('page');
  });

  it('does not take an incident for usual while it lasts', async () => {
    await usually(40);
    for (let i = 0; i < 40; i++) await only(windowAt(40 + i, { auth: { ...USUAL, latencyMs: 400 } }));
    expect(rulesOf(await only(windowAt(80, { auth: { ...USUAL, latencyMs: 400 } })))).toContain('latency');
  });

  it('names weak signs that stay for three windows, none of which would do alone', async () => {
    await usually(30, 0, { auth: { entries: 200, errors: 2, latencyMs: 50 } });
    const worse: Content = { entries: 90, errors: 8 };
    const verdicts = [];
    for (let i = 0; i < 3; i++) verdicts.push(await only(windowAt(30 + i, { auth: worse })));
    expect(verdicts.map((one) => rulesOf(one).includes('degradation'))).toEqual([false, false, true]);
    expect(verdicts.map(({ severity }) => severity)).toEqual(['ok', 'ok', 'info']);
  });

  it('names a service that says nothing where others speak, and says when it is back', async () => {
    const both = { auth: USUAL, user: USUAL };
    await usually(30, 0, both);
    const silent = [];
    for (let i = 0; i < 7; i++) silent.push(await only(windowAt(30 + i, { auth: USUAL }), 'user'));
    expect(silent.map(({ severity }) => severity)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok', 'page', 'page']);
    expect(silent[5]).toMatchObject({ stats: null, row: { entries: 0 } });
    expect(silent[5]!.findings[0]!.summary).toBe('not one entry for 60 s, where 240 are usual');
    const back = await only(windowAt(37, both), 'user');
    expect(back).toMatchObject({ severity: 'ok', recovered: true });
    expect(isTold(back)).toBe(true);
  });

  it('does not miss a service that speaks now and then', async () => {
    for (let i = 0; i < 60; i++)
      await close(windowAt(i, i % 8 === 0 ? { auth: USUAL, cron: { entries: 200 } } : { auth: USUAL }));
    const quiet = [];
    for (let i = 60; i < 68; i++) quiet.push(await only(windowAt(i, { auth: USUAL }), 'cron'));
    expect(quiet.map(({ severity }) => severity)).toEqual(new Array(8).fill('ok'));
  });

  it('takes windows that nobody has notes of for unknown, not for silence', async () => {
    await usually(30);
    const after = await only(windowAt(60, { auth: USUAL }));
    expect(after).toMatchObject({ severity: 'ok' });
    expect(models.asked.at(-1)![0]!.windows.every(([entries]) => entries! > 0)).toBe(true);
  });

  it('names a pattern of errors that a known service never showed, once', async () => {
    await usually(181);
    const first = await only(windowAt(181, { auth: { ...USUAL, errors: 2, pattern: 'fresh' } }));
    expect(first.findings).toMatchObject([{ rule: 'new_error_pattern', now: 2 }]);
    expect(messageOf(first, START_MS).patterns[0]).toEqual({
      ...{ patternId: 'fresh', entries: 2, isNew: true, category: 'database' },
    });
    const again = await only(windowAt(182, { auth: { ...USUAL, errors: 2, pattern: 'fresh' } }));
    expect(rulesOf(again)).toEqual([]);
    // The models hear of it for ten minutes.
    expect(again.features[FEATURES.indexOf('new_pattern_errors')]).toBeGreaterThan(0);
  });

  it('calls somebody when a new pattern of errors goes on, a few in each window, until it stops', async () => {
    await usually(181);
    models.answer = null;
    const rare: Content = { ...USUAL, errors: 2, pattern: 'fresh' };
    const found = [];
    for (let i = 181; i < 188; i++) found.push(await only(windowAt(i, { auth: rare })));
    expect(found.map(({ severity }) => severity)).toEqual([...new Array(5).fill('ok'), 'ticket', 'ticket']);
    expect(found.at(-1)!.findings[0]!.summary).toBe(
      'a pattern of errors that the service did not know, 12 entries within 60 s',
    );
    expect((await only(windowAt(188, { auth: USUAL }))).severity).toBe('ok');
  });

  it('takes rare patterns that show one by one for no more than the busiest of them', async () => {
    await usually(181);
    models.answer = null;
    const { stats: one } = await only(windowAt(181, { auth: { ...USUAL, errors: 1, pattern: 'rare-0' } }));
    const errorPatterns = ['rare-1', 'rare-2', 'rare-3', 'rare-4'].map((id) => [id, 1] as const);
    const window = { ...windowAt(182, {}), services: new Map([['auth', { ...one!, errorPatterns }]]) };
    const [judgement] = await close(window);
    expect(judgement!.findings).toMatchObject([{ rule: 'new_error_pattern', now: 4 }]);
    expect(judgement!.score).toBe(0.15);
  });

  it('waits for a second slow window where a few answers may be chance, also without models', async () => {
    await usually(30);
    models.answer = null;
    const slower = { auth: { ...USUAL, latencyMs: 80 } };
    expect(await only(windowAt(30, slower))).toMatchObject({ severity: 'info', score: 0.5 });
    expect(await only(windowAt(31, slower))).toMatchObject({ severity: 'ticket' });
  });

  it('calls nobody for a service that is merely slow while a slower one is in trouble', async () => {
    await usually(30, 0, { auth: USUAL, gateway: USUAL });
    models.answer = null;
    const slow: Content = { ...USUAL, latencyMs: 160 };
    const windows = [0, 1].map((i) =>
      windowAt(30 + i, {
        auth: { ...USUAL, latencyMs: 400 },
        gateway: i === 0 ? slow : { ...slow, errors: 20 },
      }),
    );
    const [auth, gateway] = await close(windows[0]!);
    expect(auth).toMatchObject({ service: 'auth', severity: 'page' });
    expect(gateway).toMatchObject({ service: 'gateway', severity: 'info' });
    expect(gateway!.findings[0]!.summary).toContain('while auth is in trouble');
    expect((await close(windows[1]!)).map(({ severity }) => severity)).toEqual(['page', 'page']);
    expect(await only(windowAt(32, { auth: USUAL, gateway: slow }), 'gateway')).toMatchObject({
      severity: 'page',
    });
  });

  it('needs more than one odd window that only the forest finds odd too', async () => {
    await usually(30);
    models.answer = { ...CALM, anomaly: 0.6, anomalous: true, reasons: ['error_excess'] };
    const odd = { auth: { entries: 40, errors: 6 } };
    expect((await only(windowAt(30, odd))).severity).toBe('info');
    expect((await only(windowAt(31, odd))).severity).toBe('ticket');
  });

  it('follows the models, and says that they decided', async () => {
    await usually(20);
    models.answer = {
      failure: 0.97,
      failing: true,
      anomaly: 0.7,
      anomalous: true,
      reasons: ['users_change'],
    };
    const judgement = await only(windowAt(20, { auth: USUAL }));
    expect(rulesOf(judgement)).toEqual(['failure_predicted', 'unusual']);
    expect(judgement).toMatchObject({ severity: 'page', decidedBy: 'model', modelVersion: 'v7' });
  });

  it('comes from rules and baselines when the models do not answer, and says so', async () => {
    models.answer = null;
    await usually(30);
    const judgement = await only(windowAt(30, { auth: { entries: 40, errors: 20 } }));
    expect(judgement).toMatchObject({ decidedBy: 'fallback', modelVersion: null, severity: 'page' });
  });

  it('asks the models once for all services, with the last twenty windows of each', async () => {
    await usually(25, 0, { auth: USUAL, user: USUAL });
    expect(models.asked).toHaveLength(25);
    expect(models.asked.at(-1)!.map(({ service, windows }) => [service, windows.length])).toEqual([
      ['auth', 20],
      ['user', 20],
    ]);
    expect(models.asked.at(-1)![0]!.windows[0]).toHaveLength(FEATURES.length);
  });

  it('asks once what a pattern of errors is called', async () => {
    await usually(5);
    await only(windowAt(5, { user: USUAL }), 'user');
    expect(models.messagesAsked).toEqual(['failed']);
    expect((await only(windowAt(6, { auth: { entries: 40, errors: 20 } }))).categories).toEqual({
      known: 'database',
    });
    expect(models.messagesAsked).toHaveLength(1);
  });
});

describe('windows that close out of order or twice', () => {
  it('are judged as if they had closed in order', async () => {
    const contents = Array.from({ length: 40 }, (_, i) => ({ auth: { ...USUAL, latencyMs: 50 + (i % 3) } }));
    for (const [i, content] of contents.entries()) await close(windowAt(i, content));
    const inOrder = await only(windowAt(40, { auth: { entries: 40, errors: 15 } }));
    store = new MemoryDetectStore();
    detector = createDetector({ job: 'service_health', store, models, settings: SETTINGS });
    for (const [i, content] of [...contents.entries()].reverse()) await close(windowAt(i, content));
    const reversed = await only(windowAt(40, { auth: { entries: 40, errors: 15 } }));
    expect(reversed.features).toEqual(inOrder.features);
    expect(reversed.findings).toEqual(inOrder.findings);
  });

  it('are judged the same in one firing as one by one', async () => {
    const windows = Array.from({ length: 25 }, (_, i) =>
      windowAt(i, { auth: { ...USUAL, latencyMs: 50 + (i % 3) } }),
    );
    const together = await close(...windows);
    store = new MemoryDetectStore();
    detector = createDetector({ job: 'service_health', store, models, settings: SETTINGS });
    const apart = [];
    for (const window of windows) apart.push(...(await close(window)));
    expect(together.map(({ features, score }) => [features, score])).toEqual(
      apart.map(({ features, score }) => [features, score]),
    );
  });

  it('have verdicts of one identity', async () => {
    await usually(20);
    const window = windowAt(20, { auth: { entries: 40, errors: 30 } });
    const [first, again] = [await only(window), await only(window)];
    expect(messageOf(again, START_MS).id).toBe(messageOf(first, START_MS).id);
    expect(again.findings).toEqual(first.findings);
    const revised = await only({ ...window, revision: 2 });
    expect(messageOf(revised, START_MS).id).not.toBe(messageOf(first, START_MS).id);
  });
});

describe('the message on the topic of verdicts', () => {
  it('has all that a human needs, and is what its schema says', async () => {
    await usually(30);
    const judgement = await only(
      windowAt(30, { auth: { entries: 40, errors: 30, message: `pool exhausted \ud83d` } }),
    );
    const message = messageOf(judgement, START_MS);
    expect(verdictMessage.parse(JSON.parse(JSON.stringify(message)))).toEqual(message);
    expect(message).toMatchObject({
      ...{ service: 'auth', severity: 'page', category: 'database', decidedBy: 'model' },
      window: { start: '2026-11-20T10:05:00.000Z', end: '2026-11-20T10:05:10.000Z', revision: 1 },
      samples: [
        { severity: 'ERROR', message: 'pool exhausted \ufffd', patternId: 'known', traceId: 'trace-0' },
      ],
      traceIds: ['trace-0'],
      patterns: [{ patternId: 'known', entries: 30, isNew: false, category: 'database' }],
    });
    expect(message.measures.find(({ name }) => name === 'error_rate')).toMatchObject({
      now: 0.75,
      usual: 0.025,
    });
    expect(JSON.parse(explanationOf(judgement))).toMatchObject({ summary: message.summary });
  });

  it('is sent for trouble and for a while after it, never for a backfill', async () => {
    await usually(30);
    expect(isTold(await only(windowAt(30, { auth: USUAL })))).toBe(false);
    const bad = { auth: { entries: 40, errors: 30 } };
    expect(isTold(await only(windowAt(31, bad)))).toBe(true);
    const after = [];
    for (let i = 32; i < 40; i++) after.push(isTold(await only(windowAt(i, { auth: USUAL }))));
    expect(after).toEqual([true, true, true, true, true, true, false, false]);
    const backfill = await only(windowAt(40, bad, { backfill: true }));
    expect(backfill.severity).toBe('page');
    expect(isTold(backfill)).toBe(false);
  });
});
