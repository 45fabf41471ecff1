/**
 * How good are the verdicts, rules and models together? Plays days of the generator that no training used through the
 * parser, the aggregate and the detector, window by window, and compares with what was broken on purpose.
 *
 *     npx tsx test/bench/verdicts.ts [--seed 7] [--models DIR] [--without-models]
 *
 * A window counts as flagged when its verdict is ticket or page. Beside it the same with rules and baselines alone.
 */
import { parseArgs } from 'node:util';
import { createDetector } from '../../functions/detect/detector.ts';
import type { ModelClient } from '../../functions/detect/model-client.ts';
import { scoreOf, TROUBLE_SCORE } from '../../functions/detect/verdict.ts';
import { isFailure } from '../../functions/ingest/failure.ts';
import { createParser } from '../../functions/parse/parse-record.ts';
import { type ServiceAccumulator, serviceStats } from '../../functions/service-stats.ts';
import { createGenerator } from '../../local/generator/generator.ts';
import { firstSignMs, type Incident } from '../../local/generator/incident.ts';
import { ARTIFACTS } from '../../models/command.ts';
import { reportWindows } from '../../models/evaluate/windows.ts';
import type { ServiceWindow } from '../../models/features.ts';
import { readInstances } from '../../models/serving/instance.ts';
import { loadPredictor, type Predictor, type WindowsPrediction } from '../../models/serving/predictor.ts';
import { type LabelledWindow, labelledWindows } from '../../models/train/labels.ts';
import { evaluationScenarios } from '../../models/train/scenarios.ts';
import { type Scenario, type Trouble, WINDOW_MS } from '../../models/train/simulation.ts';
import { SETTINGS } from '../functions/detect/entries.ts';
import { MemoryDetectStore } from '../functions/detect/memory-detect-store.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '7' },
    models: { type: 'string', default: ARTIFACTS },
    hours: { type: 'string', default: '2' },
  },
});

/** The predictor as the client of the endpoint would see it. */
const clientOf = (predictor: Predictor): ModelClient => ({
  async windows(instances) {
    const read = readInstances({ instances });
    const answers = (await predictor.predict(read)) as WindowsPrediction[];
    return {
      version: predictor.manifest.version,
      answers: answers.map((one) => ({ ...one, reasons: [...one.reasons] })),
    };
  },
  messages: async (instances) => ({ version: null, answers: instances.map(() => null) }),
});

function troubleOf(incident: Incident, service: string): Trouble[] {
  const place = incident.affected.findIndex(({ name }) => name === service);
  if (place < 0) return [];
  const announced = place === 0 && incident.precursorMs !== null;
  const startMs = incident.reachMs[place]!;
  const { id, kind, endMs } = incident;
  return [{ id, kind, signMs: announced ? firstSignMs(incident) : startMs, startMs, endMs, announced }];
}

interface Played {
  readonly windows: LabelledWindow[];
  readonly scores: number[];
  readonly ruleScores: number[];
}

async function play(scenario: Scenario, predictor: Predictor): Promise<Played> {
  const generator = createGenerator(scenario);
  const detector = createDetector({
    ...{ job: 'service_health', store: new MemoryDetectStore(), settings: SETTINGS },
    models: clientOf(predictor),
  });
  const parse = createParser({ maxDepth: 100, slowMs: 3000, maxFutureMs: 86_400_000 });
  const seen = new Map<string, { rows: ServiceWindow[]; scores: number[]; rules: number[] }>();
  const { startMs: fromMs, durationMs } = scenario;
  for (let startMs = fromMs; startMs < fromMs + durationMs; startMs += WINDOW_MS) {
    const accs = new Map<string, ServiceAccumulator>();
    let index = 0;
    for (const { line, service } of generator.next(startMs, startMs + WINDOW_MS)) {
      const context = { batchId: String(startMs), index: index++, receivedAtUs: startMs * 1000 };
      const entry = parse(line, { ...context, attributes: {}, latin1: false });
      if (isFailure(entry)) continue;
      const acc = accs.get(service.name) ?? serviceStats.create();
      accs.set(service.name, serviceStats.add(acc, entry));
    }
    const services = new Map([...accs].map(([name, acc]) => [name, serviceStats.result(acc)]));
    const window = { startMs, endMs: startMs + WINDOW_MS, revision: 1, incomplete: false, backfill: false };
    const { judgements, keep } = await detector.judge([{ ...window, services }]);
    await keep();
    for (const { service, row, score, ruleFindings } of judgements) {
      const one = seen.get(service) ?? { rows: [], scores: [], rules: [] };
      one.rows.push(row);
      one.scores.push(score);
      one.rules.push(scoreOf(ruleFindings));
      seen.set(service, one);
    }
  }
  const happened = generator.incidents(fromMs, fromMs + durationMs);
  const played: Played = { windows: [], scores: [], ruleScores: [] };
  for (const [service, { rows, scores, rules }] of seen) {
    const troubles = happened.flatMap((incident) => troubleOf(incident, service));
    played.windows.push(...labelledWindows({ service, windows: rows, troubles }));
    played.scores.push(...scores);
    played.ruleScores.push(...rules);
  }
  return played;
}

const predictor = await loadPredictor(values.models);
const all: Played = { windows: [], scores: [], ruleScores: [] };
for (const scenario of evaluationScenarios(Number(values.seed))) {
  const durationMs = Math.min(scenario.durationMs, Number(values.hours) * 3_600_000);
  const played = await play({ ...scenario, durationMs }, predictor);
  for (const key of ['windows', 'scores', 'ruleScores'] as const) all[key].push(...(played[key] as never[]));
  console.error(`${played.windows.length} windows of seed ${scenario.seed} judged`);
}
const by = { verdict: all.scores, 'rules and baselines alone': all.ruleScores };
for (const [name, scores] of Object.entries(by)) {
  const { windows, incidents, lead } = reportWindows(all.windows, scores, TROUBLE_SCORE - 1e-9);
  console.log(
    `${name}: incidents ${incidents.detected} of ${incidents.incidents}, ${incidents.falseAlarms} false alarms, F1 ${incidents.f1.toFixed(3)}; windows F1 ${windows.f1.toFixed(3)}, false positives ${(100 * windows.falsePositiveRate).toFixed(2)} %; lead ${lead.ahead} of ${lead.announced} announced, median ${lead.medianSeconds} s`,
  );
}
await predictor.close();
