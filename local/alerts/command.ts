/**
 * `logweir alerts`: what is going on, silences, taking an incident, trying a channel. It works on the laptop that runs
 * with the data folder, with the functions' own settings, through the same code as they do.
 */
import { userInfo } from 'node:os';
import { Command } from 'commander';
import { acknowledge, addSilence, endSilence } from '../../functions/alert/operate.ts';
import { CHANNELS, type Matchers } from '../../functions/alert/rules/config.ts';
import { type Alerting, openAlerting } from '../../functions/alert-function.ts';
import { duration } from '../../functions/setting-kinds.ts';
import { DEFAULT_DATA_DIR } from '../endpoints.ts';
import { functionConfig } from '../function-config.ts';
import { listing } from './listing.ts';
import { trialMessage } from './trial.ts';

interface Options {
  readonly dataDir: string;
}

const LABELS = ['service', 'rule', 'severity', 'tier'];

/** The command. */
export function alertsCommand(): Command {
  const command = new Command('alerts').description('alerts that fire, silences, channels');
  const add = (name: string, description: string): Command =>
    command
      .command(name)
      .description(description)
      .option('--data-dir <folder>', 'data folder of the running start', DEFAULT_DATA_DIR);
  add('list', 'incidents that are open or were lately, silences, messages that did not go out')
    .option('--json', 'as JSON')
    .action((options: Options & { json?: boolean }) =>
      run(options, (alerting) => list(alerting, options.json === true)),
    );
  add('silence', 'hold back messages about labels for a while')
    .argument(
      '<label=value...>',
      `labels of ${LABELS.join(', ')}; * stands for any text: service='pay*' rule=latency`,
    )
    .requiredOption('--for <duration>', 'how long: 30m, 2h, 1d')
    .option('--author <name>', 'who asks for it', userInfo().username)
    .option('--comment <text>', 'why', '')
    .action((labels: string[], options: Options & SilenceOptions) =>
      run(options, (alerting) => silence(alerting, labels, options)),
    );
  add('unsilence', 'end a silence')
    .argument('<id>', 'its id, from list')
    .action((id: string, options: Options) => run(options, (alerting) => unsilence(alerting, id)));
  add('ack', 'take an incident: no more reminders, and the message says who has it')
    .argument('<incident>', 'its id, from list, or that of one of its alerts')
    .option('--by <name>', 'who takes it', userInfo().username)
    .action((id: string, options: Options & { by: string }) =>
      run(options, (alerting) => ack(alerting, id, options.by)),
    );
  add('retry', 'send again, now, what failed or waits').action((options: Options) => run(options, retry));
  add('test', 'send a message that says it is a test')
    .argument('<channel>', `one of ${CHANNELS.join(', ')}`)
    .action((channel: string, options: Options) => run(options, (alerting) => tryChannel(alerting, channel)));
  return command;
}

interface SilenceOptions {
  readonly for: string;
  readonly author: string;
  readonly comment: string;
}

/** Opens what the functions of the running laptop have, and closes it again. */
async function run({ dataDir }: Options, work: (alerting: Alerting) => Promise<string>): Promise<void> {
  const config = await functionConfig(dataDir);
  const alerting = await openAlerting(config);
  try {
    console.log(await work(alerting));
  } finally {
    await alerting.close();
  }
}

async function list({ effects }: Alerting, json: boolean): Promise<string> {
  const [{ board }, undelivered] = await Promise.all([
    effects.store.load([]),
    effects.store.undelivered(100),
  ]);
  return json
    ? JSON.stringify({ ...board.value, undelivered }, null, 2)
    : listing(board.value, undelivered, effects.clock());
}

async function silence(
  { effects }: Alerting,
  labels: readonly string[],
  options: SilenceOptions,
): Promise<string> {
  const forMs = duration(1000, 31 * 86_400_000).parse(options.for);
  if (forMs === undefined) throw new Error(`--for ${options.for} is no duration; allowed: 1s to 31d`);
  const match = Object.fromEntries(
    labels.map((label): [string, string] => {
      const [, name, value] = /^(\w+)=(.+)$/.exec(label) ?? [];
      if (name === undefined || value === undefined || !LABELS.includes(name))
        throw new Error(`"${label}" is no label; allowed: ${LABELS.map((one) => `${one}=…`).join(', ')}`);
      return [name, value];
    }),
  ) as Matchers;
  const { author, comment } = options;
  const { id, untilMs } = await addSilence(effects.store, { match, forMs, author, comment }, effects.clock());
  return `silence ${id} until ${new Date(untilMs).toISOString()}`;
}

async function unsilence({ effects }: Alerting, id: string): Promise<string> {
  if (!(await endSilence(effects.store, id, effects.clock()))) throw new Error(`there is no silence ${id}`);
  return `silence ${id} ended`;
}

async function ack({ effects, settings }: Alerting, id: string, by: string): Promise<string> {
  const context = { channels: effects.channels, content: settings.content };
  const incident = await acknowledge(effects.store, { id, by }, context, effects.clock());
  if (incident === null) throw new Error(`no incident ${id} is open; "logweir alerts list" shows them`);
  return `${incident.id} is taken by ${by}`;
}

async function retry({ effects }: Alerting): Promise<string> {
  const count = await effects.store.retry(effects.clock());
  return `${count} message${count === 1 ? '' : 's'} due now; they go out within a minute`;
}

async function tryChannel({ effects }: Alerting, name: string): Promise<string> {
  if (!(CHANNELS as readonly string[]).includes(name))
    throw new Error(`"${name}" is no channel; allowed: ${CHANNELS.join(', ')}`);
  const channel = effects.channels.find((one) => one.name === name);
  if (channel === undefined)
    throw new Error(
      `${name} is not set up; set up: ${effects.channels.map((one) => one.name).join(', ') || 'none'}`,
    );
  const outcome = await channel.send(trialMessage(effects.clock()));
  if (outcome.result === 'sent') return `${name}: sent`;
  throw new Error(`${name}: ${outcome.why}`);
}
