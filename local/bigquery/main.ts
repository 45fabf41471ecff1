/**
 * The local BigQuery as a process of its own: `tsx local/bigquery/main.ts '{"port":9050,"writePort":9060,…}'`, or the
 * same JSON in LOGWEIR_BIGQUERY. Says `{"port":…,"writePort":…}` in one line when it listens; SIGTERM and SIGINT
 * close it cleanly. Whoever starts it sets UV_THREADPOOL_SIZE to at least the readers plus four.
 */
import { z } from 'zod';
import { type BigqueryOptions, startBigquery } from './service.ts';

const port = z.number().int().min(0).max(65_535);
const count = z.number().int().min(1);

const shape = z.strictObject({
  port: port.default(0),
  writePort: port.default(0),
  dataDir: z.string().min(1),
  projectId: z.string().min(1),
  storageEndpoint: z.string().optional(),
  location: z.string().optional(),
  memoryLimit: z.string().optional(),
  threads: count.optional(),
  readers: count.optional(),
  jobDeadlineMs: count.optional(),
  walBytes: count.optional(),
});

const text = process.argv[2] ?? process.env.LOGWEIR_BIGQUERY ?? '{}';
const service = await startBigquery({ ...readOptions(text), onFatal: stop }).catch(stop);
console.log(JSON.stringify({ port: service.port, writePort: service.writePort }));

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    service.close().then(() => process.exit(0), stop);
  });
}

/** Says why and ends; whoever keeps the process running starts it again. */
function stop(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  console.error(JSON.stringify({ severity: 'CRITICAL', stage: 'local-bigquery', error: message }));
  process.exit(1);
}

function readOptions(json: string): BigqueryOptions {
  const parsed = shape.safeParse(parseJson(json));
  // What is absent is left out by the schema; zod's types only say that it may be undefined.
  if (parsed.success) return parsed.data as BigqueryOptions;
  const [issue] = parsed.error.issues;
  console.error(`the options of the local BigQuery: ${issue?.path.join('.') || 'JSON'}: ${issue?.message}`);
  process.exit(2);
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
