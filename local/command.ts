/** The command line: `logweir COMMAND`. A command's options and work are in its own file. */
import { Command } from 'commander';
import { settingsCommand } from './settings-command.ts';
import { shipCommand } from './ship/command.ts';
import { sqlCommand } from './sql-command/command.ts';
import { startCommand } from './start/command.ts';

/** Runs one command line; an error is one line on standard error and exit code 1. */
export async function run(argv: readonly string[]): Promise<void> {
  const program = new Command('logweir')
    .description('Logs of services → event-time windows, SQL, predictions and alerts')
    .showHelpAfterError('(logweir COMMAND --help shows the options)')
    .addCommand(startCommand())
    .addCommand(shipCommand())
    .addCommand(sqlCommand())
    .addCommand(settingsCommand());
  try {
    await program.parseAsync(argv);
  } catch (error) {
    console.error(`logweir: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
