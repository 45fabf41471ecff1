/**
 * Days of the generator that no training used, through parser, aggregate and detector, window by window: the judgements
 * with models, those without, and what was broken on purpose.
 */
import { createDetector, type Detector } from '../../functions/detect/detector.ts';
import type { Judgement } from '../../functions/detect/judgement.ts';
import type { ModelClient } from '../../functions/detect/model-client.ts';
import type { ClosedWindow } from '../../functions/detect/preparation.ts';
import { type ServiceAccumulator, serviceStats } from '../../functions/service-stats.ts';
import { readInstances } from '../../models/serving/instance.ts';
import type { Predictor, WindowsPrediction } from '../../models/serving/predictor.ts';
import { type LabelledWindow, labelledWindows } from '../../models/train/labels.ts';
import {
  type Echo,
  type PlayedWindow,
  playScenario,
  type Scenario,
  type Trouble,
  WINDOW_MS,
} from '../../models/train/simulation.ts';
import { SETTINGS } from '../functions/detect/entries.ts';
import { MemoryDetectStore } from '../functions/detect/memory-detect-store.ts';

/** Of each service in order of time; the three lists go together. */
export interface JudgedDay {
  readonly windows: LabelledWindow[];
  readonly judgements: Judgement[];
  /** By a detector that has no models. */
  readonly byRules: Judgement[];
  /** The window is in no incident, but the service waits for one that is: its answers are slow, which is no false alarm. */
  readonly echo: boolean[];
}

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

const detectorWith = (models: ModelClient | null): Detector =>
  createDetector({ job: 'service_health', store: new MemoryDetectStore(), settings: SETTINGS, models });

function closedWindow({ startMs, entries }: PlayedWindow): ClosedWindow {
  const accs = new Map<string, ServiceAccumulator>();
  for (const { service, entry } of entries)
    accs.set(service, serviceStats.add(accs.get(service) ?? serviceStats.create(), entry));
  const services = new Map([...accs].map(([name, acc]) => [name, serviceStats.result(acc)]));
  const endMs = startMs + WINDOW_MS;
  return { startMs, endMs, revision: 1, incomplete: false, backfill: false, services };
}

/** A day's windows as they close, and what happened to each service. */
export interface ClosedDay {
  readonly windows: Iterable<ClosedWindow>;
  readonly troublesOf: (service: string) => Trouble[];
  readonly echoesOf: (service: string) => Echo[];
}

export function closedDay(scenario: Scenario): ClosedDay {
  const { windows, ...truth } = playScenario(scenario);
  const closed = function* () {
    for (const window of windows()) yield closedWindow(window);
  };
  return { windows: closed(), ...truth };
}

export async function judgeDay(
  { windows, troublesOf, echoesOf }: ClosedDay,
  predictor: Predictor,
): Promise<JudgedDay> {
  const detectors = [detectorWith(clientOf(predictor)), detectorWith(null)] as const;
  const seen = detectors.map(() => new Map<string, Judgement[]>());
  for (const closed of windows) {
    for (const [at, detector] of detectors.entries()) {
      const { judgements, keep } = await detector.judge([closed]);
      await keep();
      for (const one of judgements) {
        const list = seen[at]!.get(one.service) ?? [];
        list.push(one);
        seen[at]!.set(one.service, list);
      }
    }
  }
  const day: JudgedDay = { windows: [], judgements: [], byRules: [], echo: [] };
  for (const [service, judgements] of seen[0]!) {
    const rows = judgements.map(({ row }) => row);
    const windows = labelledWindows({ service, windows: rows, troubles: troublesOf(service) });
    const echoes = echoesOf(service);
    day.windows.push(...windows);
    day.echo.push(
      ...windows.map(
        ({ startMs, trouble }) =>
          trouble === null &&
          echoes.some(({ fromMs, endMs }) => fromMs < startMs + WINDOW_MS && startMs < endMs + 3 * WINDOW_MS),
      ),
    );
    day.judgements.push(...judgements);
    day.byRules.push(...seen[1]!.get(service)!);
  }
  return day;
}
