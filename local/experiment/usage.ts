/** Processor time and memory of processes, as the system counts them: /proc where there is one, else `ps`. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

export interface Usage {
  /** Processor time since the process began, in ms. */
  readonly cpuMs: number;
  readonly rssMb: number;
}

/** Linux counts in hundredths of a second, and in pages of 4 KiB, on all that Node runs on. */
const TICK_MS = 10;
const PAGE_MB = 4096 / 2 ** 20;

/** null: the process is not there. */
export async function usageOf(pid: number): Promise<Usage | null> {
  if (process.platform !== 'linux') return usageByPs(pid);
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (text === null) return null;
  // The name of the program is in brackets and may hold blanks.
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  return { cpuMs: TICK_MS * ((fields[11] ?? 0) + (fields[12] ?? 0)), rssMb: PAGE_MB * (fields[21] ?? 0) };
}

async function usageByPs(pid: number): Promise<Usage | null> {
  const asked = promisify(execFile)('ps', ['-o', 'rss=,time=', '-p', String(pid)]);
  const { stdout } = await asked.catch(() => ({ stdout: '' }));
  const [rss, time] = stdout.trim().split(/\s+/);
  if (rss === undefined || time === undefined) return null;
  const cpuMs = 1000 * time.split(':').reduce((sum, part) => 60 * sum + Number(part), 0);
  return { cpuMs, rssMb: Number(rss) / 1024 };
}
