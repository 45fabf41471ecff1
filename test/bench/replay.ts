/**
 * Replay: Avro files of the archive → messages → entries → windows and missing rows, the warehouse and the state of the
 * windows in memory, so that what is measured is the replay's own work on one core.
 * `npx tsx test/bench/replay.ts [--lines 200000]`
 */
import { line, ReplayWorld } from '../functions/archive/replay-world.ts';

const LINES = Number(process.argv[process.argv.indexOf('--lines') + 1]) || 200_000;
const BATCH = 1000;
const BATCHES_A_FILE = 20;
const RUNS = 3;
const STEP_MS = 5;

const world = new ReplayWorld();
for (let file = 0; file < LINES / BATCH / BATCHES_A_FILE; file++) {
  const messages = Array.from({ length: BATCHES_A_FILE }, (_, i) => {
    const first = (file * BATCHES_A_FILE + i) * BATCH;
    return world.message(
      Array.from({ length: BATCH }, (_line, n) => line((first + n) * STEP_MS, `s${n % 5}`, first + n)),
    );
  });
  await world.archive.store(messages);
}
world.nowMs += LINES * STEP_MS + 86_400_000;

const rates: number[] = [];
for (let run = 0; run < RUNS; run++) {
  const startedMs = performance.now();
  const { read, written } = await world.replay(0, LINES * STEP_MS);
  if (read.entries !== LINES || written.windows === 0) throw new Error(`${read.entries} of ${LINES} lines`);
  rates.push((read.entries * 1000) / (performance.now() - startedMs));
}
const median = rates.toSorted((a, b) => a - b)[Math.floor(RUNS / 2)]!;
console.log(
  `replay  ${Math.round(median).toLocaleString('en-US')} lines/s (goal 50,000), median of ${RUNS} runs over ${LINES.toLocaleString('en-US')} lines; the first also restores every row`,
);
