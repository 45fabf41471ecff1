import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Harbour, openHarbour, recordsOf } from './harbour.ts';

const ROOT = new URL('../../../', import.meta.url);
const CODE = `
  import { shipCommand } from '${new URL('local/ship/command.ts', ROOT).href}';
  await shipCommand().parseAsync(process.argv.slice(1), { from: 'user' });`;

let harbour: Harbour;

beforeEach(async () => {
  harbour = await openHarbour();
  const endpoints = { pubsub: harbour.endpoint, projectId: 'demo', topic: 'logs' };
  await writeFile(join(harbour.dir, 'endpoints.json'), JSON.stringify(endpoints));
});

afterEach(async () => {
  await harbour.close();
});

function logweirShip(...args: string[]): {
  child: ChildProcess;
  ended: Promise<{ code: number; said: string }>;
} {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', CODE, '--', ...args, '--data-dir', harbour.dir],
    { cwd: fileURLToPath(ROOT), stdio: ['pipe', 'inherit', 'pipe'], env: environment() },
  );
  const said = text(child.stderr!);
  const ended = once(child, 'exit').then(async ([code]) => ({ code: code as number, said: await said }));
  return { child, ended };
}

/** The tests' own, without the emulator that other tests name in it. */
function environment(): NodeJS.ProcessEnv {
  const { PUBSUB_EMULATOR_HOST: _, ...rest } = process.env;
  return rest;
}

it('ships to the laptop cloud that the data folder names, and says what it did', async () => {
  const path = join(harbour.dir, 'Old_2k.log');
  await writeFile(path, '2020-01-01T00:00:00Z INFO one\r\n\r\n2020-01-01T00:00:01Z INFO two');
  const { code, said } = await logweirShip(path).ended;
  expect(said).toMatch(
    /^shipped 2 lines \(\d+ B\) of 1 file in 1 batch \(\d+ B compressed\) in [\d.]+ s; 1 batch marked as backfill; 1 empty line skipped\n$/,
  );
  expect(code).toBe(0);
  const [batch] = await harbour.all();
  expect(batch!.message.attributes).toMatchObject({ service: 'old', file: 'Old_2k.log' });
  expect(batch!.backfill).toBe(true);
});

it('ends with 1 and a sentence where a file is missing', async () => {
  const { code, said } = await logweirShip(join(harbour.dir, 'none.log')).ended;
  expect(said).toMatch(/^logweir ship: .*none\.log does not exist\n$/);
  expect(code).toBe(1);
});

it('reads a pipe, and ends with it', async () => {
  const { child, ended } = logweirShip('-', '--service', 'piped', '--backfill');
  child.stdin!.end('one\ntwo\n');
  expect((await ended).code).toBe(0);
  const batches = await harbour.all();
  expect(recordsOf(batches)).toEqual(['one', 'two']);
  expect(batches[0]!.message.attributes).toMatchObject({ service: 'piped', 'logweir-backfill': 'true' });
});

it('follows until Ctrl-C, then ends with 0', async () => {
  const path = join(harbour.dir, 'app.log');
  await writeFile(path, 'one\n');
  const { child, ended } = logweirShip(path, '--follow');
  expect(recordsOf(await harbour.arrived(1))).toEqual(['one']);
  child.kill('SIGINT');
  const { code, said } = await ended;
  expect(code).toBe(0);
  expect(said).toMatch(/^shipped 1 line /);
});
