/** ONNX Runtime would report its sessions to its makers; a pipeline of logs calls nobody that it was not told to call. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'logweir-home-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const RUNTIME = fileURLToPath(new URL('../../../models/graph/runtime.ts', import.meta.url));
const MODEL = fileURLToPath(new URL('../../../models/artifacts/lstm.onnx', import.meta.url));

/** Opens a model in a process of its own, with a home of its own, and says what is left there. */
async function leftBehind(): Promise<string[]> {
  const code = `import { readFile } from 'node:fs/promises';
    import { openSession } from ${JSON.stringify(pathToFileURL(RUNTIME).href)};
    await openSession(await readFile(${JSON.stringify(MODEL)}));`;
  const child = spawn(process.execPath, ['--import=tsx', '--input-type=module', '--eval', code], {
    cwd: fileURLToPath(new URL('../../../', import.meta.url)),
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { PATH: process.env.PATH, HOME: home, XDG_CACHE_HOME: join(home, '.cache') },
  });
  expect(await once(child, 'exit')).toEqual([0, null]);
  return (await readdir(home, { recursive: true })).filter((name) => /microsoft|onnx/i.test(name));
}

it('a model is opened without an id of the machine or a report to anybody', async () => {
  expect(await leftBehind()).toEqual([]);
});
