/**
 * The command line: `logweir COMMAND`. A command's options and work are in its own file, loaded when it is asked for,
 * because Google's clients take a second to load.
 */
import { Command } from 'commander';

interface Entry {
  readonly name: string;
  readonly description: string;
  readonly load: () => Promise<Command>;
}

const COMMANDS: readonly Entry[] = [
  {
    name: 'start',
    description: 'run the whole system on this machine, with a demo of five services',
    load: async () => (await import('./start/command.ts')).startCommand(),
  },
  {
    name: 'ship',
    description: 'publish log files as batches of lines',
    load: async () => (await import('./ship/command.ts')).shipCommand(),
  },
  {
    name: 'parse',
    description: 'print each event of log files as a LogEntry',
    load: async () => (await import('./parse-command.ts')).parseCommand(),
  },
  {
    name: 'patterns',
    description: 'print the pattern of each line of files',
    load: async () => (await import('./patterns-command.ts')).patternsCommand(),
  },
  {
    name: 'conformance',
    description: 'run a table of window cases',
    load: async () => (await import('./conformance.ts')).conformanceCommand(),
  },
  {
    name: 'sql',
    description: "ask the laptop's warehouse, or that of a project, in GoogleSQL",
    load: async () => (await import('./sql-command/command.ts')).sqlCommand(),
  },
  {
    name: 'replay',
    description: 'run the archive through the job again: the same rows, the next revision',
    load: async () => (await import('./replay/command.ts')).replayCommand(),
  },
  {
    name: 'tier',
    description: 'move old days of log_entries to Parquet in the archive bucket now',
    load: async () => (await import('./tier/command.ts')).tierCommand(),
  },
  {
    name: 'forget',
    description: "delete one user's data, in BigQuery and in the cold tier, with a report",
    load: async () => (await import('./forget/command.ts')).forgetCommand(),
  },
  {
    name: 'token',
    description: 'make a token for the API and the page',
    load: async () => (await import('./token-command.ts')).tokenCommand(),
  },
  {
    name: 'alerts',
    description: 'list, silence and take alerts, try a channel',
    load: async () => (await import('./alerts/command.ts')).alertsCommand(),
  },
  {
    name: 'train',
    description: 'train the models from a seed: forest, lstm, bert, or all of them',
    load: async () => (await import('../models/command.ts')).trainCommand(),
  },
  {
    name: 'evaluate',
    description: 'measure a model on logs it did not learn from',
    load: async () => (await import('../models/command.ts')).evaluateCommand(),
  },
  {
    name: 'feedback',
    description: 'say whether a verdict or an alert was right; the next training learns from it',
    load: async () => (await import('./feedback-command.ts')).feedbackCommand(),
  },
  {
    name: 'experiment',
    description: 'load experiments: run, suite, list, show, compare',
    load: async () => (await import('./experiment/command.ts')).experimentCommand(),
  },
  {
    name: 'cost',
    description: 'what a month in the cloud costs, by component, beside others',
    load: async () => (await import('./cost/command.ts')).costCommand(),
  },
  {
    name: 'settings',
    description: 'print every setting of the functions',
    load: async () => (await import('./settings-command.ts')).settingsCommand(),
  },
];

/** Runs one command line; an error is one line on standard error and exit code 1. */
export async function run(argv: readonly string[]): Promise<void> {
  const program = new Command('logweir')
    .description('Logs of services → event-time windows, SQL, predictions and alerts')
    .showHelpAfterError('(logweir --help shows the commands, logweir COMMAND --help its options)');
  const asked = argv[2] === 'help' ? argv[3] : argv[2];
  for (const { name, description, load } of COMMANDS) {
    program.addCommand(name === asked ? await load() : new Command(name).description(description));
  }
  if (argv.length < 3) {
    program.outputHelp();
    return;
  }
  try {
    await program.parseAsync(argv);
  } catch (error) {
    console.error(`logweir: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
