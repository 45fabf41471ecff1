/**
 * `logweir parse FILE…`: each event of log files as one LogEntry, a line of JSON; traces are joined over the lines of a file.
 * Counts go to standard error when it is done. Memory is bounded by a block of lines, whatever the file's size.
 */
import { createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import { Command } from 'commander';
import { SETTINGS } from '../functions/config.ts';
import { createParser } from '../functions/parse/parse-record.ts';
import type { Parser } from '../functions/parse/record-context.ts';
import { whole } from './option.ts';
import { blocksOfLines } from './parse/blocks.ts';
import { newSummary, type Outputs, type ParseSummary, parseBlocks } from './parse/run.ts';
import { printText } from './parse/standard-output.ts';

interface ParseOptions {
  readonly service?: string;
  readonly max?: number;
}

const LINES_PER_BLOCK = 5000;
const BYTES_PER_BLOCK = 4 * 1024 * 1024;
/** Refused lines that are named; further ones are counted. */
const NAMED_REFUSALS = 100;

const NOTES = `
Times without a year or a date are read against the file's time of change (standard input: now). Settings apply:
LOGWEIR_REDACT, LOGWEIR_REDACT_KEY, LOGWEIR_REDACT_OWN, LOGWEIR_FORMATS, LOGWEIR_MAX_RECORD and others (logweir settings).
Printed entries parsed again are the same.`;

/** The command. */
export function parseCommand(): Command {
  return new Command('parse')
    .description('print each event of log files as a LogEntry, one line of JSON each')
    .argument('<file...>', 'log files; "-" is standard input')
    .option('--service <name>', 'service of lines that do not name one themselves')
    .option('--max <n>', 'entries to print at most', whole(1, Number.MAX_SAFE_INTEGER))
    .addHelpText('after', NOTES)
    .action(async (files: string[], options: ParseOptions) => {
      for (const file of files) if (file !== '-') statSync(file);
      const startMs = performance.now();
      const parser = createParser({ ...parserSettings(process.env), keepIdentity: true });
      const summary = newSummary();
      for (const file of files) if (!(await parseFile(file, options, parser, summary))) break;
      report(parser, summary, performance.now() - startMs);
    });
}

type Env = Readonly<Record<string, string | undefined>>;

const PARSER_KEYS = [
  'maxDepth',
  'slowMs',
  'maxFutureMs',
  'formats',
  'redactRules',
  'redactKey',
  'redactOwn',
] as const;

/** The settings of a parser from an environment. Throws an Error that says what is allowed. */
function parserSettings(env: Env): Parameters<typeof createParser>[0] {
  const settings = Object.fromEntries(PARSER_KEYS.map((key) => [key, settingOf(key, env)]));
  return settings as unknown as Parameters<typeof createParser>[0];
}

function settingOf(key: keyof typeof SETTINGS, env: Env): unknown {
  const { env: name, kind, ...rest } = SETTINGS[key];
  const value = kind.parse(env[name] ?? ('default' in rest ? String(rest.default) : ''));
  if (value === undefined) throw new Error(`${name} is not valid; allowed: ${kind.allowed}`);
  return value;
}

async function parseFile(
  file: string,
  options: ParseOptions,
  parser: Parser,
  summary: ParseSummary,
): Promise<boolean> {
  const maxLineBytes = settingOf('maxRecordBytes', process.env) as number;
  const chunks: AsyncIterable<Buffer> = file === '-' ? process.stdin : createReadStream(file);
  const blocks = blocksOfLines(chunks, {
    maxLineBytes,
    linesPerBlock: LINES_PER_BLOCK,
    bytesPerBlock: BYTES_PER_BLOCK,
  });
  const run = {
    source: file === '-' ? 'stdin' : basename(file),
    service: options.service ?? null,
    receivedAtUs: (file === '-' ? Date.now() : Math.floor(statSync(file).mtimeMs)) * 1000,
    max: options.max ?? Number.POSITIVE_INFINITY,
    maxLineBytes,
  };
  return parseBlocks(blocks, parser, run, summary, outputs(summary));
}

function outputs(summary: ParseSummary): Outputs {
  return {
    print: printText,
    refused(one) {
      if (summary.deadLetters <= NAMED_REFUSALS)
        console.error(JSON.stringify({ severity: 'WARNING', stage: 'parse', ...one }));
    },
  };
}

function report(parser: Parser, summary: ParseSummary, ms: number): void {
  const { redacted, untimed } = parser.counts();
  const counts = Object.fromEntries(Object.entries(redacted).filter(([, count]) => count > 0));
  console.error(
    JSON.stringify({
      severity: 'INFO',
      stage: 'parse',
      ...summary,
      untimed,
      redacted: counts,
      ms: Math.round(ms),
    }),
  );
}
