/**
 * The edge of `drift`, which Cloud Scheduler calls every ten minutes: tests the windows of the last day against the
 * reference of the models that serve, writes `drift_reports` once an hour, starts a training when drift or feedback is a
 * reason, and takes one that goes on a step further. Answers 200 with what was done; 500 when a client failed, and the
 * next call goes on. `{"do": "roll_back"}` gives the traffic back to the models before, `{"do": "promote"}` all of it to a
 * canary now; `{"do": "report"}` tests now, also a sample of little time; `{"do": "state"}` tells where it stands.
 *
 * Guarantee: the state is replaced under the generation that was read; of two callers at once one is told to come again.
 */
import type { Bucket } from '@google-cloud/storage';
import { z } from 'zod';
import { artifactsFrom } from '../models/artifact.ts';
import { openBigquery, openBucket, vertexAuthorization, vertexParent } from './clients.ts';
import { wallClock } from './clock.ts';
import type { Answer } from './close-function.ts';
import { type Config, loadConfig } from './config.ts';
import { bucketHost } from './detect/bucket-host.ts';
import { type DriftTest, driftedFeatures, driftTests, type Sample } from './detect/drift.ts';
import { type DriftQueries, driftQueries } from './detect/drift-queries.ts';
import { modelFile, ownWindowsName, parsed, RETRAINING, SERVING } from './detect/model-folder.ts';
import { ownWindows } from './detect/own-windows.ts';
import {
  advance,
  noteServing,
  promoteNow,
  type RetrainerEffects,
  type RetrainerSettings,
  rollBack,
  startTraining,
} from './detect/retrainer.ts';
import {
  IDLE,
  isNewAlarm,
  type RetrainingSettings,
  type RetrainingState,
  raised,
  triggerOf,
} from './detect/retraining.ts';
import { shippedDir, shippedVersion } from './detect/shipped-models.ts';
import { openVertex, type Vertex } from './detect/vertex.ts';
import { errorFields, log } from './log.ts';
import { type CatalogueStore, catalogueInBucket } from './parse/pattern/catalogue-store.ts';
import { ERROR, INFO, WARNING } from './parse/severity.ts';
import { driftReports, modelVersions } from './warehouse/detect-tables.ts';
import { openWarehouse, type Warehouse } from './warehouse/warehouse.ts';
import { hash } from './window/window-id.ts';

const REPORT_MS = 3_600_000;
/** A sample of less time says what an hour is like, not that windows have drifted; asked for by name, it is tested. */
const MIN_SPAN_MS = 6 * 3_600_000;
/** Own windows that nobody spoke of, at most. */
const MAX_OWN = 3000;
/** Steps of one call: on a laptop all but training are done at once. */
const MAX_STEPS = 5;

/** What is kept between calls. */
interface Kept {
  readonly retraining: RetrainingState;
  readonly reportedAtMs: number;
}

export interface DriftContext {
  readonly queries: DriftQueries;
  readonly warehouse: Warehouse;
  readonly state: CatalogueStore;
  readonly effects: RetrainerEffects;
  /** null: nothing is trained. */
  readonly retraining: (RetrainerSettings & RetrainingSettings) | null;
  readonly clock: () => number;
}

/** Opens the clients once an instance; returns what handles the body of one call. */
export async function openDrift(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<(body: unknown) => Promise<Answer>> {
  const context = await openDriftContext(env);
  return (body) => answerDrift(body, context);
}

/** What drift works with, as the settings name it. Throws an Error where a setting is missing. */
export async function openDriftContext(
  env: Readonly<Record<string, string | undefined>>,
  shipped = shippedDir(),
): Promise<DriftContext> {
  const config = loadConfig(env);
  const { modelBucket, trainingImage } = config;
  if (modelBucket === null) throw new Error('LOGWEIR_MODEL_BUCKET must be set: drift needs it');
  const bucket = await openBucket(config, modelBucket);
  const queries = driftQueries(await openBigquery(config), config.dataset, wallClock);
  const { project: projectId, dataset: datasetId, bigqueryWriteEndpoint: endpoint } = config;
  const warehouse = openWarehouse({ projectId, datasetId, endpoint });
  const readText = async (name: string): Promise<string | null> => {
    const stored = await catalogueInBucket(bucket, name).read(null);
    return stored === null || stored === 'same' ? null : stored.text;
  };
  return {
    ...{ queries, warehouse, clock: wallClock },
    state: catalogueInBucket(bucket, RETRAINING),
    effects: {
      vertex: await vertexOf(config, bucket, shipped),
      readModelFile: (version, name) => readText(modelFile(version, name)),
      async prepare(version) {
        const [rows, { labels }] = await Promise.all([queries.windows(), queries.labels(0)]);
        const own = ownWindows(rows, labels, { windowSizeMs: config.windowSizeMs, most: MAX_OWN });
        await bucket.file(ownWindowsName(version)).save(JSON.stringify(own), { resumable: false });
      },
      watch: (versions) => queries.watch(versions),
      note: async (rows) => void (await warehouse.append(modelVersions, rows)),
    },
    retraining:
      trainingImage === null
        ? null
        : {
            ...{ bucket: modelBucket, trainingImage, servingImage: config.servingImage },
            ...{ serviceAccount: config.trainingIdentity, canaryMs: config.canaryMs, seed: SEED },
            ...{ coolDownMs: config.retrainCoolDownMs, feedbackRows: config.feedbackRows },
          },
  };
}

/** Vertex AI trains; models are deployed on its endpoint, or, where they run in the functions, by an object of the bucket. */
async function vertexOf(config: Config, bucket: Bucket, shipped: string): Promise<Vertex> {
  const { models, modelEndpoint } = config;
  if (models === 'endpoint' && modelEndpoint === null)
    throw new Error('LOGWEIR_MODEL_ENDPOINT must be set: drift needs it where LOGWEIR_MODELS is endpoint');
  const vertex = openVertex({
    parent: vertexParent(config),
    endpoint: modelEndpoint ?? '',
    authorization: vertexAuthorization(config),
  });
  if (models === 'endpoint') return vertex;
  const check = (version: string) =>
    artifactsFrom(async (name) => (await bucket.file(modelFile(version, name)).download())[0]);
  const store = catalogueInBucket(bucket, SERVING);
  return { ...vertex, ...bucketHost({ store, shipped: await shippedVersion(shipped), check }) };
}

/** The generator's logs of a training are made from it, so that only what was learned beside them differs. */
const SEED = 2026;

const request = z.object({ do: z.enum(['run', 'report', 'roll_back', 'promote', 'state']).default('run') });

/** Handles one call. Never throws. */
export async function answerDrift(body: unknown, context: DriftContext): Promise<Answer> {
  const parsed = request.safeParse(body ?? {});
  if (!parsed.success) return { status: 400, body: { error: z.prettifyError(parsed.error) } };
  const startedMs = context.clock();
  try {
    if (parsed.data.do === 'state') return { status: 200, body: await stateOf(context) };
    const done = await runOnce(parsed.data.do, context);
    log(INFO, 'drift', 'done', { ...done, ms: context.clock() - startedMs });
    return { status: 200, body: done };
  } catch (error) {
    log(ERROR, 'drift', 'failed; the next run goes on', errorFields(error));
    return { status: 500, body: { error: 'drift failed' } };
  }
}

/** Where retraining stands, and what is on the endpoint; changes nothing. */
async function stateOf({ state, effects }: DriftContext): Promise<Record<string, unknown>> {
  const [stored, { deployed, traffic }] = await Promise.all([state.read(null), effects.vertex.endpoint()]);
  const { retraining } =
    stored === null || stored === 'same' ? { retraining: IDLE } : (JSON.parse(stored.text) as Kept);
  const { phase, candidate, sinceMs, lastTrainingMs, previousId } = retraining;
  return {
    phase,
    since_ms: sinceMs,
    candidate: candidate?.version ?? null,
    last_training_ms: lastTrainingMs,
    can_promote: phase === 'canary' && candidate !== null,
    can_roll_back: previousId !== null && deployed.some(({ id }) => id === previousId),
    endpoint: deployed.map(({ id, displayName: name }) => ({ id, name, traffic_percent: traffic[id] ?? 0 })),
  };
}

async function runOnce(
  what: 'run' | 'report' | 'roll_back' | 'promote',
  context: DriftContext,
): Promise<Record<string, string | number>> {
  const stored = await context.state.read(null);
  const generation = stored === null || stored === 'same' ? null : stored.generation;
  const before: Kept =
    stored === null || stored === 'same'
      ? { retraining: IDLE, reportedAtMs: 0 }
      : (JSON.parse(stored.text) as Kept);
  const { after, done } = await step(what, before, context);
  if (after !== before && !(await context.state.write(JSON.stringify(after), generation)))
    throw Object.assign(new Error('another run was faster'), { code: 'CONFLICT' });
  return { ...done, phase: after.retraining.phase };
}

interface Stepped {
  readonly after: Kept;
  readonly done: Record<string, string | number>;
}

async function step(
  what: 'run' | 'report' | 'roll_back' | 'promote',
  before: Kept,
  context: DriftContext,
): Promise<Stepped> {
  const { queries, effects, clock } = context;
  const nowMs = clock();
  if (what === 'roll_back') {
    const retraining = await rollBack(before.retraining, effects.vertex, nowMs);
    return {
      after: { ...before, retraining },
      done: { rolled_back: Number(retraining !== before.retraining) },
    };
  }
  const version = await queries.servingVersion();
  if (version === null) return { after: before, done: { why: 'no model judged a window in the last hour' } };
  if (what === 'promote') {
    const { retraining: settings } = context;
    const retraining =
      settings === null
        ? before.retraining
        : await promoteNow(before.retraining, { nowMs, version }, { effects, settings });
    return {
      after: { ...before, retraining },
      done: { promoted: Number(retraining !== before.retraining) },
    };
  }
  const due = what === 'report' || nowMs - before.reportedAtMs >= REPORT_MS;
  const tests = due ? await report(version, what === 'report' ? 0 : MIN_SPAN_MS, context) : [];
  const drifted = driftedFeatures(tests);
  const { fresh: feedback } = await queries.labels(before.retraining.feedbackUntilMs);
  const known = { nowMs, version, drifted, feedback };
  if (isNewAlarm(before.retraining, known))
    log(WARNING, 'drift', 'windows have drifted from what the models learned', {
      version,
      features: drifted.join(', '),
    });
  const retraining = await train(raised(before.retraining, known), known, context);
  const reportedAtMs = tests.length > 0 ? nowMs : before.reportedAtMs;
  return {
    after: { retraining, reportedAtMs },
    done: { version, tests: tests.length, drifted: drifted.length, feedback },
  };
}

async function train(
  state: RetrainingState,
  known: Parameters<typeof triggerOf>[1],
  { effects, retraining: settings }: DriftContext,
): Promise<RetrainingState> {
  if (settings === null) return state;
  const trigger = triggerOf(state, known, settings);
  if (trigger !== null) {
    const started = await startTraining(state, trigger, known, { effects, settings });
    return { ...started, feedbackUntilMs: known.nowMs };
  }
  let at = state;
  for (let steps = 0; steps < MAX_STEPS && at.phase !== 'idle'; steps++) {
    const next = await advance(at, known, { effects, settings });
    if (next === at) break;
    at = next;
  }
  return at;
}

const columns = z.record(z.string(), z.array(z.number()));
const sample: z.ZodType<Sample> = z.object({ features: columns, scores: columns });

async function report(
  version: string,
  minSpanMs: number,
  context: DriftContext,
): Promise<readonly DriftTest[]> {
  const { queries, effects, warehouse, clock, retraining } = context;
  if (retraining !== null && !(await queries.hasVersion(version)))
    await noteServing(version, { effects, settings: retraining, nowMs: clock() });
  const reference = sample.safeParse(parsed(await effects.readModelFile(version, 'reference.json')));
  if (!reference.success) {
    log(WARNING, 'drift', 'the models have no reference in the bucket', { version });
    return [];
  }
  const current = await queries.sample(version);
  if (current.spanMs < minSpanMs) return [];
  const tests = driftTests(reference.data, current);
  const reportedAtMs = clock();
  const reportId = hash(`drift\n${version}\n${reportedAtMs}`);
  if (tests.length > 0)
    await warehouse.append(
      driftReports,
      tests.map((test) => ({ ...test, reportId, reportedAtMs, modelVersion: version })),
    );
  return tests;
}
