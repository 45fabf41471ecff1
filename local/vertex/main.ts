/**
 * The local Vertex AI as a process of its own: `tsx local/vertex/main.ts '{"port":8714,"dataDir":…}'`. SIGTERM and
 * SIGINT close it cleanly.
 */
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { startVertex } from './service.ts';

const TRAINING = fileURLToPath(new URL('../../models/train/job.ts', import.meta.url));

const shape = z.strictObject({
  port: z.int().min(0).max(65_535),
  dataDir: z.string().min(1),
  artifactsDir: z.string().min(1),
  storageEndpoint: z.string(),
  env: z.record(z.string(), z.string()).default({}),
});

function stop(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  console.error(JSON.stringify({ severity: 'CRITICAL', stage: 'local-vertex', error: message }));
  process.exit(1);
}

const options = shape.parse(JSON.parse(process.argv[2] ?? '{}'));
const service = await startVertex({
  ...options,
  images: { 'logweir-training': ['--import', 'tsx', TRAINING] },
}).catch(stop);
console.log(JSON.stringify({ port: service.port }));

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => {
    service.close().then(() => process.exit(0), stop);
  });
