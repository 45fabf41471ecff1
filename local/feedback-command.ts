/** `logweir feedback KIND SERVICE`: says of a window or an alert whether it was right; training learns from it. */
import { Command } from 'commander';
import { giveFeedback, KINDS } from '../functions/detect/feedback.ts';
import { openWarehouse } from '../functions/warehouse/warehouse.ts';
import { DEFAULT_DATA_DIR, readEndpoints } from './endpoints.ts';

const WINDOW_SIZE_MS = 10_000;

interface FeedbackOptions {
  readonly window?: string;
  readonly alert?: string;
  readonly category?: string;
  readonly note?: string;
  readonly by: string;
  readonly dataDir: string;
}

/** The command. */
export const feedbackCommand = (): Command =>
  new Command('feedback')
    .description('say whether a verdict or an alert was right; the next training learns from it')
    .argument('<kind>', KINDS.join(', '))
    .argument('<service>', 'service that it is about')
    .option('--window <time>', 'a time in the window, such as 2026-11-21T12:00:00Z')
    .option('--alert <id>', 'alert that it is about')
    .option('--category <name>', 'the right failure category')
    .option('--note <text>', 'in your words')
    .option('--by <name>', 'who says so', process.env.USER ?? 'somebody')
    .option('--data-dir <folder>', 'data folder of "logweir start"', DEFAULT_DATA_DIR)
    .action(async (kind: string, service: string, options: FeedbackOptions) => {
      const { window, alert, category, note, by, dataDir } = options;
      const { projectId, dataset, bigqueryWrite } = await readEndpoints(dataDir);
      const [host = '', port] = bigqueryWrite.split(':');
      const endpoint = { host, port: Number(port) };
      const warehouse = openWarehouse({ projectId, datasetId: dataset, endpoint });
      try {
        const given = await giveFeedback(
          {
            ...{ kind, service, givenBy: by },
            ...(window === undefined ? {} : { windowStart: window }),
            ...(alert === undefined ? {} : { alertId: alert }),
            ...(category === undefined ? {} : { category }),
            ...(note === undefined ? {} : { note }),
          },
          { warehouse, nowMs: Date.now(), windowSizeMs: WINDOW_SIZE_MS },
        );
        console.log(`feedback ${given.feedbackId}: ${kind}, ${service}`);
      } finally {
        await warehouse.close();
      }
    });
