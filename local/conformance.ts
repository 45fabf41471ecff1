/**
 * `logweir conformance FILE`: runs a table of window cases against the library in functions/stream, prints every
 * case that fails with what was expected and what came, then `N passed, N failed`. Exit code 1 when any failed,
 * 2 when the file is no table.
 */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { flinkRules, type Rules } from '../functions/stream/rules.ts';
import { type ReadCase, readTable } from './conformance/case.ts';
import { checkCase } from './conformance/check.ts';
import { MUTATIONS, mutated } from './conformance/mutations.ts';
import { UnknownSubject } from './conformance/subject.ts';

/** How the cases of a table went. */
export interface Conformance {
  readonly passed: number;
  readonly failed: number;
  /** A paragraph for each failure. */
  readonly failures: readonly string[];
}

/** Runs a table. Throws an Error if `text` is none. */
export function conform(text: string, rules: Rules = flinkRules): Conformance {
  const cases = readTable(text);
  const failures = cases.map((one) => failureOf(one, rules)).filter((failure) => failure !== null);
  return { passed: cases.length - failures.length, failed: failures.length, failures };
}

function failureOf(read: ReadCase, rules: Rules): string | null {
  const title = `FAIL ${read.id}${read.title === '' ? '' : `: ${read.title}`}`;
  if ('fault' in read) return `${title}\n  ${read.fault}`;
  try {
    const difference = checkCase(read.case, rules);
    if (difference === null) return null;
    const { where, expected, actual } = difference;
    return `${title}\n  at ${where}\n    expected ${JSON.stringify(expected)}\n    actual   ${JSON.stringify(actual)}`;
  } catch (error) {
    if (error instanceof UnknownSubject) return `${title}\n  ${error.message}`;
    throw error;
  }
}

/** The `conformance` command. */
export function conformanceCommand(): Command {
  return new Command('conformance')
    .description('run a table of window cases (the format of test/cases/window-cases.json)')
    .argument('[file]', 'the table, a JSON file')
    .option('--mutate <rule>', 'break one rule on purpose: cases must fail; `list` names the rules')
    .addHelpText('after', `\nRules to break with --mutate:\n${rulesText()}`)
    .action((file: string | undefined, options: { readonly mutate?: string }, command: Command) => {
      if (options.mutate === 'list') {
        process.stdout.write(rulesText());
        return;
      }
      if (file === undefined) command.error("error: missing required argument 'file'");
      const rules = options.mutate === undefined ? flinkRules : mutated(options.mutate);
      if (rules === null) {
        command.error(`error: no rule '${options.mutate}'; there are: ${Object.keys(MUTATIONS).join(', ')}`);
      }
      const result = readAndConform(file, rules, command);
      for (const failure of result.failures) process.stdout.write(`${failure}\n`);
      process.stdout.write(`${result.passed} passed, ${result.failed} failed\n`);
      if (result.failed > 0) process.exitCode = 1;
    });
}

function readAndConform(file: string, rules: Rules, command: Command): Conformance {
  try {
    return conform(readFileSync(file, 'utf8'), rules);
  } catch (error) {
    return command.error(`error: ${file}: ${(error as Error).message}`, { exitCode: 2 });
  }
}

const rulesText = (): string =>
  Object.entries(MUTATIONS)
    .map(([name, { about }]) => `  ${name.padEnd(18)} ${about}\n`)
    .join('');
