import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A local service in a process of its own, to be killed without warning. */
export interface ServiceProcess {
  readonly port: number;
  readonly pid: number;
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
}

/** Starts `start` of `module` (relative to the repository) with these options, plus `port: 0`. */
export async function startProcess(
  module: string,
  start: string,
  options: Readonly<Record<string, unknown>>,
): Promise<ServiceProcess> {
  const root = new URL('../../', import.meta.url);
  const code = `
    import { ${start} } from '${new URL(module, root).href}';
    const service = await ${start}({ port: 0, ...${JSON.stringify(options)} });
    console.log('port ' + service.port);
    setInterval(() => {}, 60_000);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    cwd: fileURLToPath(root),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { port: await portOf(child), pid: child.pid!, kill: () => killed(child) };
}

async function portOf(child: ChildProcess): Promise<number> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const port = /^port (\d+)$/.exec(line)?.[1];
    if (port) return Number(port);
  }
  throw new Error('the service ended before it listened');
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}
