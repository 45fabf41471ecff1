import { Command } from 'commander';
import { settingsTable } from '../functions/config.ts';

/** `logweir settings`: every setting of the functions, as functions/README.md shows them. */
export const settingsCommand = (): Command =>
  new Command('settings')
    .description('print every setting of the functions, with default and what is allowed')
    .action(() => console.log(settingsTable()));
