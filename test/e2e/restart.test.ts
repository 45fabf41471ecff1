/** Stopping and starting again with the same data: what was taken is there, what was pending goes on. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { freePorts } from '../../local/start/ports.ts';
import { type Laptop, startLaptop } from './laptop.ts';

let laptop: Laptop | null = null;
let dataDir: string;

afterEach(async () => {
  await laptop?.close('keep');
  await rm(dataDir, { recursive: true, force: true });
}, 60_000);

it('a second start goes on with the same data: rows, waiting messages, open windows', async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'laptop-'));
  // Windows wait long enough for the stop to come first.
  const options = { dataDir, ports: await freePorts(), settings: { LOGWEIR_OUT_OF_ORDERNESS: '6s' } };
  laptop = await startLaptop(options);
  const lines = (n: number) =>
    Buffer.from(Array.from({ length: n }, (_, i) => `{"message":"line ${i}","service":"auth"}`).join('\n'));
  await laptop.publish(lines(50));
  await laptop.publish(lines(51));
  await laptop.close('keep');

  laptop = await startLaptop(options);
  await laptop.publish(lines(52));
  await laptop.quiet();
  const [rows] = await laptop.query(
    "SELECT COUNT(*) AS n FROM logs WHERE timestamp > TIMESTAMP '2020-01-01'",
  );
  const [windows] = await laptop.query('SELECT SUM(entries) AS n, MIN(revision) AS first FROM windows');
  expect(Number(rows?.n)).toBe(153);
  expect(windows).toMatchObject({ n: 153 });

  await expect(startLaptop({ dataDir })).rejects.toThrow(`${dataDir} is in use by process`);
}, 120_000);
