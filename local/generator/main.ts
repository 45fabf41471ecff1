/**
 * The generator as a process of its own: `tsx local/generator/main.ts '{"endpoints":{…},"rate":200,"seed":1}'`
 * (options.ts has all options). Says its counts as one JSON line every ten seconds. A parent with an IPC channel may
 * send `{"do":"stats"}`, `{"do":"rate","rate":500}` or `{"do":"incident","incident":{"kind":"error_burst"}}`, and
 * is answered on the same channel. SIGTERM and SIGINT publish what was made and end it.
 */
import { BigQuery } from '@google-cloud/bigquery';
import { errorFields, type LogFields, log } from '../../functions/log.ts';
import { ERROR, INFO } from '../../functions/parse/severity.ts';
import { openPublisher } from '../ship/publisher.ts';
import { GOOGLE } from '../ship/target.ts';
import { wallTimers } from '../timers.ts';
import { command, type RunnerOptions, readOptions } from './options.ts';
import { Runner } from './runner.ts';
import { Truth } from './truth.ts';

/** What is on its way at the end is waited for so long. */
const GRACE_MS = 5000;

async function main(): Promise<void> {
  const options = readOptions(process.argv[2] ?? '');
  const { endpoints } = options;
  const abort = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => abort.abort());
  const publisher = await openPublisher({
    endpoint: endpoints.pubsub === GOOGLE ? null : endpoints.pubsub,
    project: endpoints.projectId,
    topic: endpoints.topic,
  });
  const truth = options.truth ? openTruth(options) : null;
  const runner = new Runner(options, {
    publisher,
    tell: (incidents) => truth?.tell(incidents),
    timers: wallTimers,
    signal: abort.signal,
    failed: (error) => log(ERROR, 'generator', 'batch not published', errorFields(error)),
  });
  const sayStats = (): void => log(INFO, 'generator', 'published', runner.stats());
  process.on('message', (message) => process.send?.(obey(runner, message)));
  // Referenced, so that it keeps the process alive between ticks.
  const timer = setInterval(sayStats, options.statsMs);
  abort.signal.addEventListener('abort', () => setTimeout(() => process.exit(0), GRACE_MS).unref());
  await runner.run();
  clearInterval(timer);
  await truth?.settle();
  sayStats();
  await publisher.close();
  process.exit(0);
}

function openTruth({ endpoints, seed }: RunnerOptions): Truth {
  const { projectId, bigquery, dataset } = endpoints;
  const client = new BigQuery({ projectId, apiEndpoint: bigquery });
  return new Truth({ client, dataset, seed, startMs: Date.now() });
}

/** Does what the parent asks, and says what came of it. */
function obey(runner: Runner, message: unknown): LogFields {
  const parsed = command.safeParse(message);
  if (!parsed.success) return { error: parsed.error.issues[0]?.message ?? 'not a command' };
  try {
    const asked = parsed.data;
    if (asked.do === 'stats') return runner.stats();
    if (asked.do === 'incident') return { incident_id: runner.add(asked.incident).id };
    runner.setRate(asked.rate);
    return { rate: asked.rate };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

main().catch((error: unknown) => {
  console.error(`generator: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
