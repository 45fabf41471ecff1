import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

const FOLDER = 'platform/pubsub-emulator/lib';

/** Path of Google's Pub/Sub emulator, undefined when it or Java is not installed. */
export function findEmulator(): string | undefined {
  if (which('java') === undefined) return undefined;
  const gcloud = which('gcloud');
  const roots = [
    process.env.CLOUDSDK_ROOT,
    process.env.CLOUDSDK_ROOT_DIR,
    gcloud && dirname(dirname(realpathSync(gcloud))),
    '/usr/lib/google-cloud-sdk',
  ];
  for (const root of roots) {
    const folder = root && join(root, FOLDER);
    if (!folder || !existsSync(folder)) continue;
    const jar = readdirSync(folder).find((file) => /^cloud-pubsub-emulator-.*-all\.jar$/.test(file));
    if (jar) return join(folder, jar);
  }
  return undefined;
}

/** Starts it on a free port. */
export async function startEmulator(jar: string): Promise<{ readonly port: number; close(): Promise<void> }> {
  const port = await freePort();
  const child = spawn('java', ['-jar', jar, '--host=127.0.0.1', `--port=${port}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await listening(child);
  return {
    port,
    close: async () => {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
  };
}

async function listening(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr! }).on('line', (line) => {
      if (line.includes('Server started, listening')) resolve();
    });
    child.once('exit', () => reject(new Error("Google's Pub/Sub emulator ended before it listened")));
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
