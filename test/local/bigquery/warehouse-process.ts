/** The local BigQuery in a process of its own, as `main.ts` starts it, with Google's clients beside it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface WarehouseProcess {
  readonly port: number;
  readonly writePort: number;
  readonly pid: number;
  /** Sends the signal and waits for the end; resolves to the exit code, null after SIGKILL. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

interface ProcessOptions {
  /** Largest size of a file it writes, by the shell's `ulimit -f`. */
  readonly fileLimitKib?: number;
  /** Takes its standard error, line by line; default: shown. */
  readonly onError?: (line: string) => void;
}

export async function startWarehouseProcess(
  options: Readonly<Record<string, unknown>>,
  { fileLimitKib, onError }: ProcessOptions = {},
): Promise<WarehouseProcess> {
  const args = ['--import', 'tsx', 'local/bigquery/main.ts', JSON.stringify({ projectId: 'p', ...options })];
  const command =
    fileLimitKib === undefined
      ? [process.execPath, ...args]
      : ['bash', '-c', `ulimit -f ${fileLimitKib}; exec "$0" "$@"`, process.execPath, ...args];
  const child = spawn(command[0]!, command.slice(1), {
    cwd: ROOT,
    env: { ...process.env, UV_THREADPOOL_SIZE: '8' },
    stdio: ['ignore', 'pipe', onError ? 'pipe' : 'inherit'],
  });
  if (onError) createInterface({ input: child.stderr! }).on('line', onError);
  const line = await firstLine(child);
  const { port, writePort } = JSON.parse(line) as { port: number; writePort: number };
  return { port, writePort, pid: child.pid!, end: (signal) => ended(child, signal) };
}

async function firstLine(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! })) return line;
  throw new Error('the service ended before it listened');
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
  }
  return child.exitCode;
}
