import { describe, expect, it } from 'vitest';
import {
  FAILURE_CATEGORIES,
  type FeedbackKind,
  feedbackInput,
  giveFeedback,
  labelsOf,
  windowKey,
} from '../../../functions/detect/feedback.ts';
import { feedbackTable } from '../../../functions/warehouse/detect-tables.ts';
import { readArtifacts } from '../../../models/artifact.ts';
import { ARTIFACTS } from '../../../models/command.ts';
import { MemoryWarehouse } from '../memory-warehouse.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const GIVEN = { kind: 'noise', service: 'auth', givenBy: 'ada', windowStart: '2026-11-21T11:59:47+00:00' };

describe('feedback', () => {
  it('is a row about the window that holds the time, the same when it is given twice', async () => {
    const warehouse = new MemoryWarehouse();
    const context = { warehouse, nowMs: NOW, windowSizeMs: 10_000 };
    const first = await giveFeedback(GIVEN, context);
    await giveFeedback(GIVEN, { ...context, nowMs: NOW + 5 });
    const rows = warehouse.rows(feedbackTable);
    expect(rows).toMatchObject([first, { feedbackId: first.feedbackId }]);
    expect(first).toMatchObject({ windowStartMs: Date.UTC(2026, 10, 21, 11, 59, 40), category: null });
  });

  it.each([
    [{ ...GIVEN, kind: 'great' }, 'kind'],
    [{ ...GIVEN, service: ' ' }, 'service'],
    [{ ...GIVEN, windowStart: 'yesterday' }, 'windowStart'],
    [{ ...GIVEN, windowStart: undefined }, 'windowStart or alertId must say what it is about'],
    [{ ...GIVEN, kind: 'missed', windowStart: undefined, alertId: 'a' }, 'missed needs windowStart'],
    [{ ...GIVEN, category: 'weather' }, 'category'],
    [{ ...GIVEN, note: 'x'.repeat(2001) }, 'note'],
    [{ ...GIVEN, more: 1 }, 'more'],
    ['useful', 'expected object'],
  ])('refuses %j and says why', async (input, said) => {
    const context = { warehouse: new MemoryWarehouse(), nowMs: NOW, windowSizeMs: 10_000 };
    await expect(giveFeedback(input, context)).rejects.toThrow(said);
    expect(feedbackInput.safeParse(GIVEN).success).toBe(true);
  });

  it('knows the categories that the models in the repository tell', async () => {
    const { manifest } = await readArtifacts(ARTIFACTS);
    expect([...FAILURE_CATEGORIES].sort()).toEqual([...manifest.bert.categories].sort());
  });
});

describe('labels of windows', () => {
  const said = (
    givenBy: string,
    kind: FeedbackKind,
    givenAtMs: number,
    windowStartMs: number | null = 0,
  ) => ({
    ...{ givenBy, kind, givenAtMs, windowStartMs, service: 'auth' },
  });
  const label = (...all: ReturnType<typeof said>[]) => labelsOf(all).get(windowKey('auth', 0));

  it('come from what was said: useful and missed are trouble, noise is none', () => {
    expect([label(said('ada', 'useful', 1)), label(said('ada', 'missed', 1))]).toEqual([1, 1]);
    expect(label(said('ada', 'noise', 1))).toBe(0);
    expect(labelsOf([said('ada', 'useful', 1, null)]).size).toBe(0);
  });

  it('count the last word of each person, then the most; a tie tells nothing', () => {
    expect(label(said('ada', 'noise', 2), said('ada', 'useful', 1))).toBe(0);
    expect(label(said('ada', 'noise', 1), said('bob', 'useful', 2))).toBeUndefined();
    expect(label(said('ada', 'noise', 1), said('bob', 'useful', 2), said('eve', 'missed', 3))).toBe(1);
  });
});
