/**
 * Takes a retraining one step further (retraining.ts): asks Vertex AI what became of the last step, decides, and does
 * the next. Called again and again by drift; between two steps all that is known is the state, so that a crash or a
 * second caller does no more than ask again.
 */
import { z } from 'zod';
import { log } from '../log.ts';
import { INFO, WARNING } from '../parse/severity.ts';
import type { ModelVersionRow } from '../warehouse/detect-tables.ts';
import { outputUri, parsed } from './model-folder.ts';
import {
  type Candidate,
  canaryVerdict,
  isBetter,
  type RetrainingState,
  type Trigger,
  type Watch,
} from './retraining.ts';
import type { Vertex } from './vertex.ts';

export interface RetrainerSettings {
  readonly bucket: string;
  readonly trainingImage: string;
  readonly servingImage: string;
  readonly serviceAccount: string | null;
  readonly canaryMs: number;
  readonly seed: number;
}

export interface RetrainerEffects {
  readonly vertex: Vertex;
  /** Text of a file of the model's folder; null: none. */
  readonly readModelFile: (version: string, name: string) => Promise<string | null>;
  /** Writes what the job learns beside the generator's logs. */
  readonly prepare: (version: string) => Promise<void>;
  readonly watch: (versions: { candidate: string; serving: string; sinceMs: number }) => Promise<{
    readonly candidate: Watch;
    readonly serving: Watch;
  }>;
  readonly note: (rows: readonly ModelVersionRow[]) => Promise<void>;
}

export interface Step {
  readonly nowMs: number;
  /** Version that serves. */
  readonly version: string;
}

const CANARY_PERCENT = 10;

/** Version of models that are trained from then on; as models/train names it. */
export const versionAt = (nowMs: number, seed: number): string => {
  const digits = new Date(nowMs).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
  return `${digits}-${seed}`;
};

/** Starts a training. */
export async function startTraining(
  state: RetrainingState,
  trigger: Trigger,
  { nowMs, version }: Step,
  { effects, settings }: { readonly effects: RetrainerEffects; readonly settings: RetrainerSettings },
): Promise<RetrainingState> {
  const { bucket, seed, trainingImage: image, serviceAccount } = settings;
  const next = versionAt(nowMs, seed);
  await effects.prepare(next);
  const uri = outputUri(bucket, next);
  const job = await effects.vertex.startJob({
    displayName: `logweir-${next}`,
    image,
    args: ['--time', new Date(nowMs).toISOString(), '--seed', String(seed), '--serving', version],
    outputUri: uri,
    serviceAccount,
  });
  log(INFO, 'drift', 'training started', { trigger, version: next });
  const candidate: Candidate = {
    ...{ version: next, artifactUri: `${uri}/model`, job, operation: null, deployedId: null },
  };
  return { ...state, phase: 'training', candidate, sinceMs: nowMs, lastTrainingMs: nowMs };
}

interface Work {
  readonly state: RetrainingState;
  readonly candidate: Candidate;
  readonly step: Step;
  readonly effects: RetrainerEffects;
  readonly settings: RetrainerSettings;
}

/** One step; the same state: it waits for something. */
export async function advance(
  state: RetrainingState,
  step: Step,
  rest: Pick<Work, 'effects' | 'settings'>,
): Promise<RetrainingState> {
  const { candidate } = state;
  if (candidate === null) return state;
  const work: Work = { state, candidate, step, ...rest };
  switch (state.phase) {
    case 'training':
      return afterTraining(work);
    case 'uploading':
      return afterUpload(work);
    case 'deploying':
      return afterDeployment(work);
    case 'canary':
      return watchCanary(work);
    default:
      return state;
  }
}

const scores = z.object({
  holdOut: z.number(),
  falsePositives: z.number(),
  feedback: z.number().nullable(),
  ownFalsePositives: z.number().nullable(),
});
const evaluation = z.object({ candidate: scores, serving: scores });

async function afterTraining(work: Work): Promise<RetrainingState> {
  const { state, candidate, step, effects, settings } = work;
  const job = await effects.vertex.jobState(candidate.job);
  if (job === 'running') return state;
  if (job === 'failed') return refuse(work, 'the job failed');
  const measured = evaluation.safeParse(
    parsed(await effects.readModelFile(candidate.version, 'evaluation.json')),
  );
  if (!measured.success) return refuse(work, 'the job measured nothing');
  await note(work, 'candidate', 0);
  if (!isBetter(measured.data)) return refuse(work, 'not better than what serves');
  const { name } = await effects.vertex.uploadModel(
    `logweir-${candidate.version}`,
    candidate.artifactUri,
    settings.servingImage,
  );
  return { ...state, phase: 'uploading', sinceMs: step.nowMs, candidate: { ...candidate, operation: name } };
}

async function afterUpload(work: Work): Promise<RetrainingState> {
  const { state, candidate, step, effects } = work;
  const { done, result: model, failure } = await effects.vertex.operation(candidate.operation ?? '');
  if (!done) return state;
  if (failure !== null || model === null) return refuse(work, 'the models cannot be uploaded');
  const main = mainOf((await effects.vertex.endpoint()).traffic);
  if (main === null) return refuse(work, 'nothing serves on the endpoint');
  const { name } = await effects.vertex.deploy(model, `logweir-${candidate.version}`, {
    percent: CANARY_PERCENT,
    main,
  });
  return { ...state, phase: 'deploying', sinceMs: step.nowMs, candidate: { ...candidate, operation: name } };
}

async function afterDeployment(work: Work): Promise<RetrainingState> {
  const { state, candidate, step, effects } = work;
  const { done, result: deployedId, failure } = await effects.vertex.operation(candidate.operation ?? '');
  if (!done) return state;
  if (failure !== null || deployedId === null) return refuse(work, 'the models cannot be deployed');
  await note(work, 'canary', CANARY_PERCENT);
  log(INFO, 'drift', 'canary serves', { version: candidate.version, percent: CANARY_PERCENT });
  return { ...state, phase: 'canary', sinceMs: step.nowMs, candidate: { ...candidate, deployedId } };
}

async function watchCanary(work: Work): Promise<RetrainingState> {
  const { state, candidate, step, effects, settings } = work;
  const { deployed } = await effects.vertex.endpoint();
  if (!deployed.some(({ id }) => id === candidate.deployedId)) return refuse(work, 'somebody took it off');
  const watched = await effects.watch({
    ...{ candidate: candidate.version, serving: step.version, sinceMs: state.sinceMs },
  });
  const verdict = canaryVerdict(state, watched, { nowMs: step.nowMs, canaryMs: settings.canaryMs });
  if (verdict === 'watch') return state;
  if (verdict === 'roll_back') return refuse(work, 'the canary alarms more often, or was not seen');
  return promote(work);
}

/** The canary gets all traffic. */
async function promote(work: Work): Promise<RetrainingState> {
  const { state, candidate, step, effects } = work;
  const { vertex } = effects;
  const before = mainOf((await vertex.endpoint()).traffic, candidate.deployedId);
  await vertex.setTraffic({ [candidate.deployedId!]: 100, ...(before === null ? {} : { [before]: 0 }) });
  // The models before stay, without traffic; those before them go.
  if (state.previousId !== null && state.previousId !== before) await gone(vertex, state.previousId);
  await note(work, 'serving', 100);
  await noteOf(work, step.version, 'retired', 0);
  log(INFO, 'drift', 'new models serve', { version: candidate.version, before: step.version });
  return { ...state, phase: 'idle', sinceMs: step.nowMs, candidate: null, alarm: null, previousId: before };
}

/** Promotes a canary now, because somebody wants it; the same state: there is none. */
export async function promoteNow(
  state: RetrainingState,
  step: Step,
  rest: Pick<Work, 'effects' | 'settings'>,
): Promise<RetrainingState> {
  const { candidate } = state;
  if (state.phase !== 'canary' || candidate === null) return state;
  return promote({ state, candidate, step, ...rest });
}

async function refuse(work: Work, why: string): Promise<RetrainingState> {
  const { state, candidate, step, effects } = work;
  if (candidate.deployedId !== null) {
    const { deployed, traffic } = await effects.vertex.endpoint();
    if (deployed.some(({ id }) => id === candidate.deployedId)) {
      const main = mainOf(traffic, candidate.deployedId);
      if (main !== null) await effects.vertex.setTraffic({ [main]: 100, [candidate.deployedId]: 0 });
      await effects.vertex.undeploy(candidate.deployedId);
    }
  }
  await note(work, 'refused', 0);
  log(WARNING, 'drift', 'trained models are refused', { version: candidate.version, why });
  return { ...state, phase: 'idle', sinceMs: step.nowMs, candidate: null };
}

/** Back to the models before; the same state: there are none. */
export async function rollBack(
  state: RetrainingState,
  vertex: Vertex,
  nowMs: number,
): Promise<RetrainingState> {
  const { deployed, traffic } = await vertex.endpoint();
  const { previousId } = state;
  if (previousId === null || !deployed.some(({ id }) => id === previousId)) return state;
  const others = Object.keys(traffic).filter((id) => id !== previousId);
  await vertex.setTraffic({ ...Object.fromEntries(others.map((id) => [id, 0])), [previousId]: 100 });
  log(WARNING, 'drift', 'rolled back to the models before', { deployed: previousId });
  return { ...state, phase: 'idle', candidate: null, sinceMs: nowMs, previousId: mainOf(traffic) };
}

/** The deployed model with the most traffic. */
function mainOf(traffic: Readonly<Record<string, number>>, but: string | null = null): string | null {
  const others = Object.entries(traffic).filter(([id]) => id !== but);
  return others.sort(([, a], [, b]) => b - a)[0]?.[0] ?? null;
}

const gone = async (vertex: Vertex, id: string): Promise<void> => {
  const { deployed } = await vertex.endpoint();
  if (deployed.some((one) => one.id === id)) await vertex.undeploy(id);
};

const note = (work: Work, state: ModelVersionRow['state'], percent: number): Promise<void> =>
  noteOf(work, work.candidate.version, state, percent);

const file = z.object({ sha256: z.string() });
const manifest = z.object({
  trainedAt: z.string(),
  seed: z.int(),
  forest: z.object({ file }),
  lstm: z.object({ file }),
  bert: z.object({ file }),
});

/** Rows of the registry, one for each model of the set, from the files that the job wrote. */
async function noteOf(
  { effects, settings, step }: Pick<Work, 'effects' | 'settings' | 'step'>,
  version: string,
  state: ModelVersionRow['state'],
  trafficPercent: number,
): Promise<void> {
  const read = manifest.safeParse(parsed(await effects.readModelFile(version, 'manifest.json')));
  if (!read.success) return;
  const { trainedAt, seed, ...models } = read.data;
  const rows = (['forest', 'lstm', 'bert'] as const).map(async (model): Promise<ModelVersionRow> => {
    const card = parsed(await effects.readModelFile(version, `${model}.card.json`));
    return {
      ...{ model, version, state, trafficPercent, seed },
      trainedAtMs: Date.parse(trainedAt),
      changedAtMs: step.nowMs,
      artifact: `${outputUri(settings.bucket, version)}/model`,
      sha256: models[model].file.sha256,
      metrics: JSON.stringify((card as { metrics?: unknown } | null)?.metrics ?? []),
      card: (await effects.readModelFile(version, `${model}.card.md`)) ?? '',
    };
  });
  await effects.note(await Promise.all(rows));
}

/** Notes that a version serves, for a set that a deployment brought. */
export const noteServing = (
  version: string,
  work: Pick<Work, 'effects' | 'settings'> & { readonly nowMs: number },
): Promise<void> => noteOf({ ...work, step: { nowMs: work.nowMs, version } }, version, 'serving', 100);
