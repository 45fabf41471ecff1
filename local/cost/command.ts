/** `logweir cost`: what a month costs, by component, from the one file of prices. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { CLASS_DAYS } from '../../infra/archive-rules.ts';
import { billOf, DEFAULT_LOAD, type Load, othersOf, stepsOf } from './bill.ts';
import { printBill } from './print.ts';

const positive = (text: string): number => {
  const value = Number(text);
  if (!(value > 0 && value < 1e9)) throw new InvalidArgumentError('allowed: a number above 0.');
  return value;
};

interface Flags {
  readonly gbPerDay: number;
  readonly services: number;
  readonly hotDays: number;
  readonly days: number;
  readonly rawDays: number;
  readonly coldClass: NonNullable<Load['coldClass']>;
  readonly compression: number;
  readonly lineBytes: number;
  readonly batchLines: number;
  readonly rows: 'stream' | 'load';
  readonly models: Load['models'];
  readonly json?: boolean;
}

export const costCommand = (): Command =>
  new Command('cost')
    .description('what a month costs, by component, before and after each optimisation, beside others')
    .option('--gb-per-day <gb>', 'logs as services write them', positive, DEFAULT_LOAD.gbPerDay)
    .option('--services <n>', 'services', positive, DEFAULT_LOAD.services)
    .option('--hot-days <days>', 'days in BigQuery', positive, DEFAULT_LOAD.hotDays)
    .option('--days <days>', 'days kept, hot and cold', positive, DEFAULT_LOAD.keepDays)
    .option('--raw-days <days>', 'days that raw messages are kept', positive, DEFAULT_LOAD.rawDays)
    .addOption(
      new Option('--cold-class <class>', 'storage class of cold days')
        .choices(Object.keys(CLASS_DAYS))
        .default(DEFAULT_LOAD.coldClass),
    )
    .option('--compression <times>', 'by how much a batch shrinks', positive, DEFAULT_LOAD.compression)
    .option('--line-bytes <bytes>', 'bytes of a line', positive, DEFAULT_LOAD.bytesPerLine)
    .option('--batch-lines <lines>', 'lines of a batch', positive, DEFAULT_LOAD.linesPerBatch)
    .addOption(
      new Option('--rows <how>', 'how rows reach BigQuery').choices(['stream', 'load']).default('load'),
    )
    .addOption(
      new Option('--models <where>', 'where models judge')
        .choices(['endpoint', 'process', 'none'])
        .default(DEFAULT_LOAD.models),
    )
    .option('--json', 'as JSON')
    .action((flags: Flags) => {
      const load = loadOf(flags);
      if (flags.json) {
        const all = { load, bill: billOf(load), steps: stepsOf(load), others: othersOf(load) };
        console.log(JSON.stringify(all, null, 2));
      } else {
        console.log(printBill(load));
      }
    });

const loadOf = (flags: Flags): Load => ({
  ...DEFAULT_LOAD,
  ...{ gbPerDay: flags.gbPerDay, services: flags.services, hotDays: flags.hotDays, keepDays: flags.days },
  ...{ rawDays: flags.rawDays, coldClass: flags.coldClass },
  ...{ compression: flags.compression, bytesPerLine: flags.lineBytes, linesPerBatch: flags.batchLines },
  byLoadJobs: flags.rows === 'load',
  models: flags.models,
});
