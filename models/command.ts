/** `logweir train` and `logweir evaluate`: models from a seed, and measures of them on the generator or on a folder. */
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { type EpochProgress, MODELS, type ModelName } from './train/train.ts';

/** Where the project keeps its models. */
export const ARTIFACTS = fileURLToPath(new URL('artifacts', import.meta.url));
const SEED = 2026;
const BAR = 24;
const LEVELS = '▁▂▃▄▅▆▇█';

const whole = (text: string): number => {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('allowed: a whole number from 0 to 999999999.');
};

const model = (text: string): ModelName => {
  const found = MODELS.find((name) => name === text);
  if (found !== undefined) return found;
  throw new InvalidArgumentError(`allowed: ${MODELS.join(', ')}.`);
};

/** `logweir train [MODEL…]`. */
export const trainCommand = (): Command =>
  new Command('train')
    .description('train models from a seed: forest, lstm, bert, or all of them')
    .argument('[models...]', `which: ${MODELS.join(', ')}; all if none is named`)
    .option('--seed <number>', 'what data and training are made from', whole, SEED)
    .option('--out <dir>', 'where the models go', ARTIFACTS)
    .option('--trial', 'with an eighth of the data and of the epochs, to see whether it runs')
    .action(async (names: string[], options: { seed: number; out: string; trial?: boolean }) => {
      const models = names.length === 0 ? MODELS : names.map(model);
      const { trainModels } = await import('./train/train.ts');
      const cards = await trainModels({
        models,
        seed: options.seed,
        outDir: options.out,
        now: new Date(),
        scale: options.trial ? 1 / 8 : 1,
        report: (line) => console.error(line),
        progress: progressPrinter(),
      });
      const { cardMarkdown } = await import('./train/card.ts');
      for (const card of cards) console.log(cardMarkdown(card));
    });

/** One line for each model and stage, with a bar and the curve of the loss; redrawn on a terminal. */
function progressPrinter(): (model: string, progress: EpochProgress) => void {
  const losses: number[] = [];
  return (name, { stage, epoch, epochs, loss }) => {
    if (epoch === 1) losses.length = 0;
    losses.push(loss);
    const done = Math.round((BAR * epoch) / epochs);
    const bar = '█'.repeat(done) + '░'.repeat(BAR - done);
    const line = `${name.padEnd(6)} ${bar} ${epoch}/${epochs}  loss ${loss.toFixed(4)} ${curve(losses)}  ${stage}`;
    const redraw = process.stderr.isTTY && epoch < epochs;
    process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${line}${redraw ? '' : '\n'}` : `${line}\n`);
  };
}

/** The losses so far as small columns. */
export function curve(losses: readonly number[]): string {
  const [low, high] = [Math.min(...losses), Math.max(...losses)];
  const step = (high - low) / (LEVELS.length - 1);
  return losses.map((loss) => LEVELS[step === 0 ? 0 : Math.round((loss - low) / step)]).join('');
}

interface EvaluateOptions {
  readonly data?: string;
  readonly seed: number;
  readonly models: string;
}

/** `logweir evaluate MODEL [--data DIR]`. */
export const evaluateCommand = (): Command =>
  new Command('evaluate')
    .description('measure a model on logs it did not learn from')
    .argument('<model>', MODELS.join(', '), model)
    .option('--data <dir>', 'lstm: HDFS block sequences; bert: SYSTEM/*_structured*.csv; else the generator')
    .option('--seed <number>', "of the generator's logs, or of the training on the folder", whole, 7)
    .option('--models <dir>', 'the models to measure on generated logs', ARTIFACTS)
    .action(async (name: ModelName, options: EvaluateOptions) => {
      const { data } = options;
      if (data !== undefined && !(await stat(data).catch(() => null))?.isDirectory())
        throw new Error(`--data ${data} is no folder`);
      if (data === undefined) return evaluateGenerated(name, options);
      if (name === 'lstm') return evaluateSessions(data, options.seed);
      if (name === 'bert') return evaluatePublicLogs(data, options.seed);
      throw new Error('evaluate forest has no --data: it is measured on generated logs');
    });

async function evaluateGenerated(name: ModelName, { seed, models }: EvaluateOptions): Promise<void> {
  const { evaluateArtifacts } = await import('./evaluate/artifacts.ts');
  const measured = await evaluateArtifacts(name, {
    seed,
    artifactsDir: models,
    report: (line) => console.error(line),
  });
  for (const { on, by, values } of measured) {
    console.log(`${by}, on ${on}:`);
    for (const [key, value] of Object.entries(values))
      console.log(`  ${key.padEnd(20)} ${Number.isInteger(value) ? value : value.toFixed(4)}`);
  }
}

async function evaluateSessions(dir: string, seed: number): Promise<void> {
  const { evaluateSequences } = await import('./evaluate/sequences.ts');
  const { sequencesText } = await import('./evaluate/report.ts');
  const print = progressPrinter();
  const report = await evaluateSequences(dir, {
    seed,
    progress: (epoch, loss) => print('lstm', { stage: 'next events', epoch, epochs: 75, loss }),
  });
  console.log(sequencesText(report));
}

async function evaluatePublicLogs(dir: string, seed: number): Promise<void> {
  const { evaluateMessages } = await import('./evaluate/messages.ts');
  const { messagesText } = await import('./evaluate/report.ts');
  const print = progressPrinter();
  const measures = await evaluateMessages(dir, { seed, progress: (progress) => print('bert', progress) });
  console.log(messagesText(measures));
}
