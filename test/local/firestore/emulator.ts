import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, realpathSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

const JAR = 'platform/cloud-firestore-emulator/cloud-firestore-emulator.jar';
const MAIN = 'com.google.cloud.datastore.emulator.firestore.CloudFirestore';

/** Path of Google's Firestore emulator, undefined when it or Java is not installed. */
export function findEmulator(): string | undefined {
  const java = which('java');
  const gcloud = which('gcloud');
  const roots = [
    process.env.CLOUDSDK_ROOT,
    process.env.CLOUDSDK_ROOT_DIR,
    gcloud && dirname(dirname(realpathSync(gcloud))),
    '/usr/lib/google-cloud-sdk',
  ];
  const found = roots.map((root) => root && join(root, JAR)).find((path) => path && existsSync(path));
  return java ? found : undefined;
}

/** Starts it on a free port. */
export async function startEmulator(jar: string): Promise<{ readonly port: number; close(): Promise<void> }> {
  const port = await freePort();
  const child = spawn('java', ['-cp', jar, MAIN, '--host=127.0.0.1', `--port=${port}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  await running(child);
  return {
    port,
    close: async () => {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
  };
}

async function running(child: ChildProcess): Promise<void> {
  child.stderr!.resume();
  for await (const line of createInterface({ input: child.stdout! })) {
    if (line.includes('is now running')) return child.stdout!.resume() && undefined;
  }
  throw new Error("Google's Firestore emulator ended before it was running");
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
