/** `logweir experiment`: load experiments on a laptop cloud of their own, kept in tables, compared in the terminal. */
import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import { DEFAULT_DATA_DIR } from '../endpoints.ts';
import { BATCH_LINES, type Plan, readPlan, SUITE_NAMES, suiteOf, WARM_UP_S } from './plan.ts';
import { type Progress, runExperiment } from './run.ts';
import { type ExperimentStore, openStore } from './store.ts';
import { comparison, listing, type Measured, summaryOf } from './summary.ts';

const HELP = `
A producer is a process that publishes compressed batches of lines. A consumer is a process of the parse function, as an
instance is in the cloud; a balancer gives each push to the one with the least in hand. A shard is a push subscription with
a filter on the attribute "shard", to which producers give their batches in turn. Latency of producers counts from the
moment a batch was due. Each run has a laptop cloud of its own; its results are kept in the warehouse of --data-dir, in the
tables experiments, performance_metrics and consumer_lag, and in the view experiment_results.`;

interface Common {
  readonly dataDir: string;
  readonly minutes: string;
  readonly rate: string;
  readonly seed: string;
  readonly batchLines: string;
  readonly warmUp: string;
  readonly setting: readonly string[];
}

interface RunArguments extends Common {
  readonly name: string | undefined;
  readonly producers: string;
  readonly consumers: string;
  readonly shards: string;
  readonly from: string | undefined;
}

/** The command. */
export function experimentCommand(): Command {
  const command = new Command('experiment')
    .description('load experiments: run, suite, list, show, compare')
    .addHelpText('after', HELP);
  withLoad(command.command('run').description('run one experiment'))
    .option('--name <name>', 'its name')
    .option('--producers <n>', 'publishing processes', '1')
    .option('--consumers <n>', 'processes of the parse function', '1')
    .option('--shards <n>', 'subscriptions that the load is spread over', '1')
    .option('--from <experiment>', 'run a kept experiment again, by its id or name')
    .action((options: RunArguments) => withStore(options, (store) => run(options, store)));
  withLoad(command.command('suite').description(`one after the other: ${SUITE_NAMES.join(', ')}`))
    .option('--cool-down <seconds>', 'pause between experiments', '15')
    .action((options: Common & { readonly coolDown: string }) =>
      withStore(options, (store) => suite(options, store)),
    );
  withData(command.command('list').description('experiments that are kept, the newest first')).action(
    (options: { readonly dataDir: string }) =>
      withStore(options, async (store) => console.log(listing(await store.list()))),
  );
  withData(command.command('show').description('what an experiment found').argument('<experiment>')).action(
    (id: string, options: { readonly dataDir: string }) =>
      withStore(options, async (store) => console.log(summaryOf(await measured(id, store)))),
  );
  withData(
    command
      .command('compare')
      .description('two experiments side by side, by their ids or names')
      .argument('<a>')
      .argument('<b>'),
  ).action((a: string, b: string, options: { readonly dataDir: string }) =>
    withStore(options, async (store) =>
      console.log(comparison(await measured(a, store), await measured(b, store))),
    ),
  );
  return command;
}

const withData = (command: Command): Command =>
  command.option('--data-dir <folder>', 'data folder that results are kept in', DEFAULT_DATA_DIR);

const withLoad = (command: Command): Command =>
  withData(command)
    .option('--minutes <m>', 'measured time, after the warm-up', '2')
    .option('--rate <r>', 'offered load in lines a second, of all producers together', '5000')
    .option('--seed <n>', 'of the lines', '1')
    .option('--batch-lines <n>', 'lines in a batch', String(BATCH_LINES))
    .option('--warm-up <seconds>', 'load that is not measured, before the rest', String(WARM_UP_S))
    .option('--setting <NAME=value>', 'a setting of the functions; may be given several times', several, []);

const several = (one: string, before: readonly string[]): readonly string[] => [...before, one];

async function withStore(
  { dataDir }: { readonly dataDir: string },
  work: (store: ExperimentStore) => Promise<void>,
): Promise<void> {
  const store = await openStore(dataDir);
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

function commonOf({ minutes, rate, seed, batchLines, warmUp, setting }: Common) {
  const settings = setting.map((text): [string, string] => {
    const at = text.indexOf('=');
    if (at < 1) throw new Error(`--setting ${text} is not NAME=value`);
    return [text.slice(0, at), text.slice(at + 1)];
  });
  return {
    ...{ minutes: Number(minutes), rate: Number(rate), seed: Number(seed) },
    ...{ batchLines: Number(batchLines), warmUpS: Number(warmUp), settings: Object.fromEntries(settings) },
  };
}

async function run(options: RunArguments, store: ExperimentStore): Promise<void> {
  const { name, producers, consumers, shards } = options;
  if (options.from !== undefined) {
    const { plan } = await kept(options.from, store);
    await runOne({ ...plan, name: name ?? plan.name }, store);
    return;
  }
  if (name === undefined) throw new Error('an experiment needs a name: --name NAME, or --from EXPERIMENT');
  const counts = { producers: Number(producers), consumers: Number(consumers), shards: Number(shards) };
  await runOne(readPlan({ ...commonOf(options), ...counts, name }), store);
}

async function suite(options: Common & { readonly coolDown: string }, store: ExperimentStore): Promise<void> {
  const plans = suiteOf(commonOf(options));
  for (const [i, plan] of plans.entries()) {
    console.log(`\n${i + 1} of ${plans.length}`);
    await runOne(plan, store);
    if (i < plans.length - 1) await delay(1000 * Number(options.coolDown));
  }
  console.log(`\n${listing((await store.list()).slice(0, plans.length))}`);
}

async function runOne(plan: Plan, store: ExperimentStore): Promise<void> {
  const isTerminal = process.stderr.isTTY === true;
  const { experiment, ...result } = await runExperiment({
    plan,
    onStep: (step) => console.error(`${plan.name}: ${step}`),
    onProgress: (progress) => {
      if (isTerminal) process.stderr.write(`\r${progressOf(progress)}\u001b[K`);
    },
  });
  if (isTerminal) process.stderr.write('\r\u001b[K');
  await store.keep({ experiment, ...result });
  console.log(summaryOf(await measured(experiment.experimentId, store)));
}

const progressOf = ({ elapsedMs, ofMs, linesDone, waiting }: Progress): string =>
  `${Math.round(elapsedMs / 1000)} of ${Math.round(ofMs / 1000)} s   ${linesDone.toLocaleString('en-US')} lines done   ${waiting} messages waiting`;

async function measured(idOrName: string, store: ExperimentStore): Promise<Measured> {
  const found = await kept(idOrName, store);
  const [metrics, lag] = await Promise.all([store.metrics(found.id), store.lag(found.id)]);
  return { kept: found, metrics, lag };
}

async function kept(idOrName: string, store: ExperimentStore) {
  const found = await store.find(idOrName);
  if (found === null)
    throw new Error(`there is no experiment ${idOrName}; "logweir experiment list" shows them`);
  return found;
}
