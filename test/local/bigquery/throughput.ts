/**
 * How many rows a second the local Storage Write API takes: `npx tsx test/local/bigquery/throughput.ts [seconds]`.
 * The service is a process of its own; the functions' own writer sends batches of 2,000 log entries of about 400
 * bytes over four connections at once. Printed: rows acknowledged per second, and the latency of an append.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rowDescriptor } from '../../../functions/warehouse/descriptor.ts';
import { logEntries } from '../../../functions/warehouse/tables.ts';
import { encode } from '../../../functions/warehouse/warehouse.ts';
import { applySql } from '../../../sql/apply.ts';
import { clientOf, DATASET, PROJECT } from './client.ts';
import { entry } from './entries.ts';
import { startWarehouseProcess } from './warehouse-process.ts';

const BATCH = 2_000;
const CONNECTIONS = 4;
const seconds = Number(process.argv[2] ?? 20);

const dataDir = await mkdtemp(join(tmpdir(), 'logweir-bigquery-'));
const service = await startWarehouseProcess({ dataDir });
try {
  await applySql({ bigquery: clientOf(service), dataset: DATASET });
  await measure();
} finally {
  await service.end('SIGTERM');
  await rm(dataDir, { recursive: true, force: true });
}

async function measure(): Promise<void> {
  const { managedwriter } = await import('@google-cloud/bigquery-storage');
  const { credentials } = await import('@grpc/grpc-js');
  const client = new managedwriter.WriterClient({
    projectId: PROJECT,
    apiEndpoint: '127.0.0.1',
    port: service.writePort,
    sslCreds: credentials.createInsecure(),
  });
  // Rows are encoded once: the service is measured, not its client.
  const rows = Array.from({ length: BATCH }, (_, i) => entry(i));
  const [chunk] = [...encode(logEntries, rows)];
  const serializedRows = chunk!.rows as Buffer[];
  const bytes = serializedRows.reduce((sum, row) => sum + row.length, 0);
  const latencies: number[] = [];
  const startMs = performance.now();
  const untilMs = startMs + seconds * 1_000;
  const send = async (): Promise<number> => {
    const connection = await client.createStreamConnection({
      streamId: managedwriter.DefaultStream,
      destinationTable: `projects/${PROJECT}/datasets/${DATASET}/tables/${logEntries.name}`,
    });
    const writer = new managedwriter.Writer({
      connection,
      protoDescriptor: rowDescriptor(logEntries as never) as never,
    });
    let sent = 0;
    while (performance.now() < untilMs) {
      const atMs = performance.now();
      const answer = await writer.appendRows({ serializedRows }).getResult();
      if (answer?.error) throw new Error(String(answer.error.message));
      latencies.push(performance.now() - atMs);
      sent += BATCH;
    }
    writer.close();
    return sent;
  };
  const sent = await Promise.all(Array.from({ length: CONNECTIONS }, send));
  const total = sent.reduce((sum, count) => sum + count, 0);
  const tookS = (performance.now() - startMs) / 1_000;
  latencies.sort((a, b) => a - b);
  console.log(
    JSON.stringify({
      rows: total,
      bytesPerRow: Math.round(bytes / BATCH),
      rowsPerSecond: Math.round(total / tookS),
      appendP50Ms: Math.round(latencies[Math.floor(latencies.length / 2)]!),
      appendP99Ms: Math.round(latencies[Math.floor(latencies.length * 0.99)]!),
    }),
  );
}
