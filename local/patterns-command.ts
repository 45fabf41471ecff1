/**
 * `logweir patterns FILE…`: the pattern of each line, as one line of JSON: line, pattern_id, template, parameters
 * (filled into the template's `<*>` they give the message), and `new` or `rare` where it is. Without a catalogue the
 * patterns are those of the words' shapes alone, which is what an empty system has.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { isFailure } from '../functions/ingest/failure.ts';
import { createParser } from '../functions/parse/parse-record.ts';
import {
  type Catalogue,
  createMatcher,
  decodeCatalogue,
  EMPTY,
  encodeCatalogue,
  learn,
} from '../functions/parse/pattern/pattern.ts';
import { printText } from './parse/standard-output.ts';
import { columnOf } from './patterns/csv.ts';
import { blocksOf, linesOf } from './patterns/lines.ts';

interface PatternsOptions {
  readonly contentColumn?: string;
  readonly learn?: boolean;
  readonly catalogue?: string;
  readonly save?: string;
}

const BUFFER_CHARS = 1 << 16;

const NOTES = `
--learn and --save read the files twice (not from standard input). Lines of a CSV file are counted without its
header. A message that the catalogue does not know has "new": true.`;

/** The command. */
export function patternsCommand(): Command {
  return new Command('patterns')
    .description('print the pattern of each line as JSON: line, pattern_id, template, parameters')
    .argument('<file...>', 'log files, or CSV files with --content-column; "-" is standard input')
    .option('--content-column <name>', 'the messages are this column of a CSV file with a header')
    .option('--learn', 'build the catalogue from the files first (on top of --catalogue, if given)')
    .option('--catalogue <file>', 'catalogue to match against')
    .option('--save <file>', 'write the catalogue')
    .addHelpText('after', NOTES)
    .action(async (files: string[], options: PatternsOptions, command: Command) => {
      if (options.learn && files.includes('-'))
        command.error('error: --learn reads twice; standard input cannot be');
      await print(files, options);
    });
}

async function print(files: readonly string[], options: PatternsOptions): Promise<void> {
  const before = options.catalogue === undefined ? EMPTY : readCatalogue(options.catalogue);
  const catalogue = options.learn ? learn(allMessages(files, options.contentColumn), before) : before;
  if (options.save !== undefined) writeFileSync(options.save, encodeCatalogue(catalogue));
  const match = createMatcher(catalogue);
  const learned = catalogue.revision > 0;
  let buffer = '';
  for (const file of files) {
    let line = 0;
    for (const message of messagesOf(file, options.contentColumn)) {
      line++;
      if (message === null) continue;
      const { id, template, parameters, known, rare } = match(message);
      buffer += `${JSON.stringify({
        ...(files.length > 1 ? { file } : {}),
        line,
        pattern_id: id,
        template,
        parameters,
        ...(learned && !known ? { new: true } : {}),
        ...(rare ? { rare } : {}),
      })}\n`;
      if (buffer.length < BUFFER_CHARS) continue;
      if (!(await printText(buffer))) return;
      buffer = '';
    }
  }
  await printText(buffer);
}

function readCatalogue(path: string): Catalogue {
  const decoded = decodeCatalogue(readFileSync(path, 'utf8'));
  if ('refused' in decoded) throw new Error(`${path}: refused as a catalogue: ${decoded.refused}`);
  return decoded.catalogue;
}

function* allMessages(files: readonly string[], column: string | undefined): Generator<string> {
  for (const file of files)
    for (const message of messagesOf(file, column)) if (message !== null) yield message;
}

/** The message of each line or record; null for an empty line. */
function* messagesOf(file: string, column: string | undefined): Generator<string | null> {
  const blocks = blocksOf(file);
  if (column !== undefined) {
    yield* columnOf(blocks, column);
    return;
  }
  const parse = createParser({ maxDepth: 100, slowMs: 3000, maxFutureMs: 86_400_000 });
  const context = { batchId: 'patterns', index: 0, attributes: {}, latin1: false };
  const receivedAtUs = Date.now() * 1000;
  for (const line of linesOf(blocks)) {
    if (line.trim() === '') {
      yield null;
      continue;
    }
    const entry = parse(line, { ...context, receivedAtUs });
    yield isFailure(entry) ? line : entry.message;
  }
}
