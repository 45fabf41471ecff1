/**
 * How good are the verdicts, rules and models together? Plays days of the generator that no training used through the
 * parser, the aggregate and the detector, window by window, and compares with what was broken on purpose.
 *
 *     npx tsx test/bench/verdicts.ts [--seed 7]… [--hours 2] [--models DIR] [--list]
 *
 * A window counts as flagged when its verdict is ticket or page. Beside it the same by a detector without models, and the
 * LSTM's own answer. A service whose callees fail answers slowly, which the truth does not name: such alarms are told
 * apart, and F1 is given with and without them. `--list` says of each alarm and each missed incident what it was.
 */
import { parseArgs } from 'node:util';
import type { Judgement } from '../../functions/detect/judgement.ts';
import { TROUBLE_SCORE } from '../../functions/detect/verdict.ts';
import { ARTIFACTS } from '../../models/command.ts';
import { reportWindows } from '../../models/evaluate/windows.ts';
import { loadPredictor } from '../../models/serving/predictor.ts';
import { evaluationScenarios } from '../../models/train/scenarios.ts';
import { closedDay, type JudgedDay, judgeDay } from './verdict-days.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', multiple: true, default: ['7'] },
    models: { type: 'string', default: ARTIFACTS },
    hours: { type: 'string', default: '2' },
    list: { type: 'boolean', default: false },
  },
});

const predictor = await loadPredictor(values.models);
for (const seed of values.seed) {
  const all: JudgedDay = { windows: [], judgements: [], byRules: [], echo: [] };
  for (const scenario of evaluationScenarios(Number(seed))) {
    const durationMs = Math.min(scenario.durationMs, Number(values.hours) * 3_600_000);
    const day = await judgeDay(closedDay({ ...scenario, durationMs }), predictor);
    all.windows.push(...day.windows);
    all.judgements.push(...day.judgements);
    all.byRules.push(...day.byRules);
    all.echo.push(...day.echo);
  }
  print(Number(seed), all);
}
await predictor.close();

function print(seed: number, { windows, judgements, byRules, echo }: JudgedDay): void {
  const scored = (list: readonly Judgement[]): number[] => list.map(({ score }) => score);
  const by = {
    verdict: scored(judgements),
    'rules and baselines alone': scored(byRules),
    'LSTM alone': judgements.map(({ answer }) => Number(answer?.failing ?? false)),
  };
  console.log(`seed ${seed}, ${windows.length} windows`);
  for (const [name, scores] of Object.entries(by)) {
    const quiet = scores.map((score, at) => (echo[at] ? 0 : score));
    const report = reportWindows(windows, quiet, TROUBLE_SCORE - 1e-9);
    const all = reportWindows(windows, scores, TROUBLE_SCORE - 1e-9).incidents;
    const { incidents, lead } = report;
    const { detected, falseAlarms, f1 } = incidents;
    const rate = (100 * report.windows.falsePositiveRate).toFixed(2);
    console.log(
      `  ${name}: incidents ${detected} of ${incidents.incidents}, ${falseAlarms} false alarms, F1 ${f1.toFixed(3)} (with ${all.falseAlarms - falseAlarms} on services that wait for the failing one: ${all.f1.toFixed(3)}); windows F1 ${report.windows.f1.toFixed(3)}, false positives ${rate} %; lead ${lead.ahead} of ${lead.announced} announced, median ${lead.medianSeconds} s`,
    );
    if (values.list && name !== 'LSTM alone') list(name === 'verdict' ? judgements : byRules, windows, echo);
  }
}

/** Flagged stretches outside of incidents, and incidents in which nothing was flagged. */
function list(
  judgements: readonly Judgement[],
  windows: JudgedDay['windows'],
  echo: readonly boolean[],
): void {
  const found = new Map<string, boolean>();
  for (const [at, { score, findings, answer, service, startMs }] of judgements.entries()) {
    const { trouble } = windows[at]!;
    const flagged = score >= TROUBLE_SCORE;
    if (trouble !== null) {
      const key = `${trouble.kind} of ${service}, ${new Date(trouble.startMs).toISOString()}`;
      found.set(key, flagged || (found.get(key) ?? false));
    } else if (flagged) {
      const why = findings.map(({ rule, weight }) => `${rule} ${weight.toFixed(2)}`).join(', ');
      const said = answer === null ? '' : `; LSTM ${answer.failure.toFixed(3)}`;
      const what = echo[at] ? 'echo' : 'false';
      console.log(`    ${what}: ${new Date(startMs).toISOString()} ${service} ${score}: ${why}${said}`);
    }
  }
  for (const [incident, flagged] of found) if (!flagged) console.log(`    missed: ${incident}`);
}
