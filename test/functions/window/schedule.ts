/**
 * Random schedules of what happens to a job, and what must come of each: the final rows are those of the operator in
 * memory over the distinct entries that were in time.
 */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type { LogEntry } from '../../../functions/parse/log-entry.ts';
import type { LogJob } from '../../../functions/parse-batch.ts';
import type { AggregateFunction } from '../../../functions/stream/aggregate.ts';
import { session, sliding, tumbling, type WindowAssigner } from '../../../functions/stream/assigner.ts';
import { stream } from '../../../functions/stream/job.ts';
import { WindowOperator } from '../../../functions/stream/operator.ts';
import { outputTag } from '../../../functions/stream/side-output.ts';
import { END_OF_TIME, type TimeWindow } from '../../../functions/stream/window.ts';
import type { Contribution } from '../../../functions/window/store.ts';
import { type Batch, entry, FAULTS, type FaultKind, type Running, SETTINGS, World } from './world.ts';

const LATENESS_MS = 20_000;

/** The ids of a window's entries, in order: tells one that is missing from one that counts twice. */
const ids: AggregateFunction<LogEntry, string[], string> = {
  create: () => [],
  add: (acc, { insert_id }) => [...acc, insert_id],
  merge: (a, b) => [...a, ...b],
  result: (acc) => [...acc].sort().join(),
  encode: (acc) => acc,
  decode: (encoded) => [...(encoded as string[])],
};

const late = outputTag<LogEntry>('late');

const jobOf = (name: string, assigner: WindowAssigner): LogJob =>
  stream<LogEntry>(name)
    .timestampBy(({ timestamp }) => timestamp / 1000)
    .keyBy(({ service }) => service)
    .window(assigner)
    .allowedLateness(LATENESS_MS)
    .sideOutputLateData(late)
    .aggregate(ids) as LogJob;

export const JOBS = {
  tumbling: jobOf('tumbling', tumbling(5000, 1000)),
  sliding: jobOf('sliding', sliding(6000, 2000)),
  'sliding unevenly': jobOf('uneven', sliding(7000, 3000, -1000)),
  'sliding with gaps': jobOf('gaps', sliding(3000, 5000)),
  sessions: jobOf('sessions', session(3000)),
  'sessions over many buckets': jobOf('buckets', session(20_000)),
} as const;

export type JobName = keyof typeof JOBS;
export const JOB_NAMES = Object.keys(JOBS) as JobName[];

type Step =
  | { readonly kind: 'advance'; readonly ms: number; readonly how: Running }
  | { readonly kind: 'deliver' | 'runEarly' | 'lose'; readonly index: number }
  | { readonly kind: 'race'; readonly indices: readonly number[] }
  | { readonly kind: 'break'; readonly after: number; readonly fault: FaultKind }
  | { readonly kind: 'redeliver' | 'sweep' | 'abandon' };

export interface Schedule {
  readonly job: JobName;
  readonly batches: readonly (readonly string[])[];
  readonly backfill: boolean;
  readonly groupSize: number;
  readonly steps: readonly Step[];
}

const BATCHES = 6;

/** Times from `min` to `max`, half of them on full seconds, where things touch and are just late. */
const times = (min: number, max: number): fc.Arbitrary<number> =>
  fc.oneof(
    fc.integer({ min, max }),
    fc.integer({ min: Math.ceil(min / 1000), max: Math.floor(max / 1000) }).map((seconds) => seconds * 1000),
  );

const line = fc
  .tuple(
    fc.constantFrom('a', 'b', '__proto__'),
    fc.oneof(
      { weight: 30, arbitrary: times(-10_000, 30_000) },
      { weight: 2, arbitrary: times(30_000, 130_000) },
      // Years ahead.
      { weight: 1, arbitrary: fc.constant(4_000_000_000_000) },
    ),
  )
  .map(([service, timeMs]) => `${service} ${timeMs}`);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('advance' as const),
      ms: fc.oneof(times(100, 5000), times(5000, 40_000)),
      how: fc.constantFrom<Running>('once', 'twice', 'grouped'),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('deliver' as const), index: fc.nat({ max: BATCHES - 1 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('race' as const),
      indices: fc.array(fc.nat({ max: BATCHES - 1 }), { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('break' as const),
      after: fc.nat({ max: 9 }),
      fault: fc.constantFrom(...FAULTS),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('runEarly' as const, 'lose' as const),
      index: fc.nat({ max: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('redeliver' as const, 'sweep' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('abandon' as const) }) },
);

export const schedules = (job: JobName): fc.Arbitrary<Schedule> =>
  fc.record({
    job: fc.constant(job),
    batches: fc.array(fc.array(line, { minLength: 1, maxLength: 6, size: 'max' }), {
      minLength: BATCHES,
      maxLength: BATCHES,
    }),
    backfill: fc.oneof(
      { weight: 4, arbitrary: fc.constant(false) },
      { weight: 1, arbitrary: fc.constant(true) },
    ),
    groupSize: fc.constantFrom(1, 2, 100),
    steps: fc.array(step, { maxLength: 40, size: 'max' }),
  });

/** What a schedule did; says whether the schedules test anything. */
export interface Played {
  readonly world: World;
  readonly late: number;
  readonly future: number;
  readonly tombstones: number;
  readonly revisions: number;
}

/** Plays a schedule to its end. Throws when the rows are not what they must be. */
export async function play(schedule: Schedule): Promise<Played> {
  const job = JOBS[schedule.job];
  const world = new World(job);
  world.store.groupSize = schedule.groupSize;
  const created: Created[] = [];
  world.store.onCreate = (contribution, nowMs) => created.push({ contribution, nowMs });
  const batches = schedule.batches.map(
    (lines, i): Batch => ({ id: `batch-${i}0`, backfill: schedule.backfill, lines }),
  );
  const delivered = new Set<Batch>();
  const deliver = (index: number): Promise<void> => {
    const batch = batches[index]!;
    delivered.add(batch);
    return world.deliver(batch);
  };
  for (const one of schedule.steps) await take(one, world, deliver);
  await world.settle();

  const entries = new Map(batches.map((batch) => [batch.id, entriesOf(batch)]));
  const abandons = schedule.steps.some(({ kind }) => kind === 'abandon');
  if (!abandons) {
    const all = [...delivered].flatMap(({ id }) => entries.get(id)!.map(({ insert_id }) => insert_id));
    same('log rows', [...world.logRows].sort(), all.sort());
  }
  const expected = expect(job, created, entries, schedule.backfill);
  same('rows', rowsOf(world), expected.rows);
  const races = schedule.steps.some(
    (one) => one.kind === 'race' || (one.kind === 'break' && one.fault === 'slow'),
  );
  // Whether a session is late depends on what else is there at that moment: of batches in a race, on who was first.
  if (!job.assigner.merges || !races)
    checkLate(world, expected, { exact: !job.assigner.merges && !abandons });
  const results = [...world.rows.values()];
  return {
    world,
    late: [...world.late.values()].filter(({ reason }) => reason === 'late').length,
    future: [...world.late.values()].filter(({ reason }) => reason === 'future').length,
    tombstones: results.filter(({ tombstone }) => tombstone).length,
    revisions: results.filter(({ revision }) => revision > 1).length,
  };
}

async function take(one: Step, world: World, deliver: (index: number) => Promise<void>): Promise<void> {
  switch (one.kind) {
    case 'advance':
      world.nowMs += one.ms;
      return world.runDue(one.how);
    case 'deliver':
      return deliver(one.index);
    case 'race':
      await Promise.all([...one.indices.map(deliver), world.runDue(), world.sweep()]);
      return;
    case 'break':
      return world.breakAfter(one.after, one.fault);
    case 'runEarly':
      return world.runEarly(one.index);
    case 'lose':
      return world.lose(one.index);
    default:
      return world[one.kind]();
  }
}

interface Created {
  readonly contribution: Contribution;
  readonly nowMs: number;
}

interface Expected {
  /** `key start` → `end value`. */
  readonly rows: ReadonlyMap<string, string>;
  /** Ids of entries that Flink puts into the late output. */
  readonly late: ReadonlySet<string>;
}

/** What the operator makes of the contributions, in the order in which each was first processed. */
function expect(
  job: LogJob,
  created: readonly Created[],
  entries: ReadonlyMap<string, readonly LogEntry[]>,
  backfill: boolean,
): Expected {
  const { merges } = job.assigner;
  const judged = operate(job);
  const accepted = operate(job);
  for (const { contribution, nowMs } of created.toSorted((a, b) => a.nowMs - b.nowMs)) {
    const { of, batchId, kind, span } = contribution;
    if (kind === 'future') continue;
    if (!backfill) judged.operator.advanceTo(nowMs - SETTINGS.outOfOrdernessMs);
    const inside = merges ? inSpan(span!, of.key!, job) : inPane(of.window);
    for (const one of entries.get(batchId)!.filter(inside)) {
      judged.operator.process(one);
      if (kind === 'partial') accepted.operator.process(one);
    }
  }
  for (const { operator } of [judged, accepted]) operator.advanceTo(END_OF_TIME);
  // Flink forgets sessions that are over, and would not join what comes in between: the sessions of all that was
  // accepted are what is promised.
  return { rows: (merges ? accepted : judged).rows, late: judged.late };
}

function operate(job: LogJob) {
  const rows = new Map<string, string>();
  const lateIds = new Set<string>();
  const operator = new WindowOperator(job, {
    emit: ({ key, window, value }) => rows.set(`${key} ${window.start}`, `${window.end} ${value}`),
    side: (_tag, value) => lateIds.add((value as unknown as LogEntry).insert_id),
  });
  return { operator, rows, late: lateIds };
}

const timeOf = ({ timestamp }: LogEntry): number => timestamp / 1000;

const inPane =
  ({ start, end }: TimeWindow) =>
  (one: LogEntry): boolean =>
    timeOf(one) >= start && timeOf(one) < end;

function inSpan({ start, end }: TimeWindow, key: string, job: LogJob) {
  const [window] = job.assigner.assign(0);
  const last = end - (window!.end - window!.start);
  return (one: LogEntry): boolean => one.service === key && timeOf(one) >= start && timeOf(one) <= last;
}

const entriesOf = ({ id, lines }: Batch): LogEntry[] =>
  lines.map((text, index) => {
    const [service, timeMs] = text.split(' ') as [string, string];
    return entry(`${id}-${index}`, service, Number(timeMs));
  });

const rowsOf = (world: World): Map<string, string> =>
  new Map(
    [...world.rows]
      .filter(([, { tombstone }]) => !tombstone)
      .map(([id, { window, value }]) => [id, `${window.end} ${value}`]),
  );

/** For fixed windows the late output is Flink's; sessions take what Flink takes, and more. */
function checkLate(world: World, expected: Expected, { exact }: { readonly exact: boolean }): void {
  const missed = [...world.late.values()].filter(({ reason }) => reason === 'late');
  const lateIds = new Set(missed.map(({ insert_id }) => insert_id));
  for (const id of lateIds)
    if (!expected.late.has(id)) throw new Error(`${id} is in late_entries, and Flink would have taken it`);
  if (!exact) return;
  for (const id of expected.late)
    if (!lateIds.has(id)) throw new Error(`${id} is late, and not in late_entries`);
}

function same(what: string, actual: unknown, expected: unknown): void {
  if (isDeepStrictEqual(actual, expected)) return;
  const show = (value: unknown): string =>
    JSON.stringify(value instanceof Map ? Object.fromEntries([...value].sort()) : value, null, 1);
  throw new Error(`${what} differ\nare ${show(actual)}\nmust be ${show(expected)}`);
}
