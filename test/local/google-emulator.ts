/** Google's own emulators, where the Google Cloud SDK has them. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Emulator {
  readonly port: number;
  close(): Promise<void>;
}

/** Path of the emulator's jar below the SDK's `platform`; undefined when it or Java is not installed. */
export function findJar(folder: string, name: RegExp): string | undefined {
  if (which('java') === undefined) return undefined;
  const gcloud = which('gcloud');
  const roots = [
    process.env.CLOUDSDK_ROOT,
    process.env.CLOUDSDK_ROOT_DIR,
    gcloud && dirname(dirname(realpathSync(gcloud))),
    '/usr/lib/google-cloud-sdk',
  ];
  for (const root of roots) {
    const path = root && join(root, 'platform', folder);
    const jar = path && existsSync(path) ? readdirSync(path).find((file) => name.test(file)) : undefined;
    if (path && jar) return join(path, jar);
  }
  return undefined;
}

/** Starts an emulator on a free port; `args` are Java's. It is up when it says `ready`. */
export async function startEmulator(args: readonly string[], ready: string): Promise<Emulator> {
  const port = await freePort();
  const child = spawn('java', [...args, '--host=127.0.0.1', `--port=${port}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  await said(child, ready);
  return {
    port,
    close: async () => {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
  };
}

function said(child: ChildProcess, words: string): Promise<void> {
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout!, child.stderr!])
      createInterface({ input: stream }).on('line', (line) => {
        if (line.includes(words)) resolve();
      });
    child.once('exit', () => reject(new Error(`Google's emulator ended before it said "${words}"`)));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

function which(program: string): string | undefined {
  try {
    return execFileSync('which', [program], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}
