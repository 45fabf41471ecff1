/**
 * A process of its own, kept running: started, waited for until its port answers, started again when it ends
 * unasked (after 0.2 s, growing to 10 s), ended with SIGTERM and, when that does not help, SIGKILL.
 * Its output goes to a log file; what it says line by line can be listened to.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const GUARD = new URL('./guard.mjs', import.meta.url).href;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
const STEADY_MS = 30_000;
const STOP_GRACE_MS = 8_000;
const READY_MS = 60_000;
const LAST_LINES = 20;

export interface ProcessSpec {
  readonly name: string;
  /** Arguments of node: options, the script, its arguments. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** It is ready when these ports answer. */
  readonly ports?: readonly number[];
  /** Where its output is appended. */
  readonly logFile: string;
  readonly onLine?: (line: string) => void;
}

export class SupervisedProcess {
  readonly name: string;
  readonly #spec: ProcessSpec;
  readonly #log: WriteStream;
  #child: ChildProcess | null = null;
  #ended: Promise<void> = Promise.resolve();
  #stopping = false;
  /** It has answered once; from then on its end is no failed start. */
  #started = false;
  #failed = false;
  #restarts = 0;
  #pauseMs = FIRST_PAUSE_MS;
  #lastLines: string[] = [];

  private constructor(spec: ProcessSpec) {
    this.name = spec.name;
    this.#spec = spec;
    this.#log = createWriteStream(spec.logFile, { flags: 'a' });
  }

  /** Resolves when the process is ready; rejects with its last words when its first start fails. */
  static async start(spec: ProcessSpec): Promise<SupervisedProcess> {
    const supervised = new SupervisedProcess(spec);
    supervised.#spawn();
    try {
      await supervised.ready();
    } catch (error) {
      await supervised.stop();
      throw error;
    }
    return supervised;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** How often it ended unasked. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Waits until its ports answer. */
  async ready(): Promise<void> {
    const untilMs = Date.now() + READY_MS;
    for (const port of this.#spec.ports ?? []) {
      while (!(await answers(port))) {
        if (this.#failed || Date.now() > untilMs) {
          const words = this.#lastLines.join('\n');
          throw new Error(`${this.name} did not start (its log: ${this.#spec.logFile})\n${words}`);
        }
        await delay(50);
      }
    }
    this.#started = true;
  }

  /** Ends it, as a crash would; it is started again, after the first pause, as the end was asked for. */
  async kill(): Promise<void> {
    const ended = this.#ended;
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#child?.kill('SIGKILL');
    await ended;
  }

  /** Ends it for good. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
      await this.#ended;
      clearTimeout(timer);
    }
    await new Promise<void>((resolve) => this.#log.end(() => resolve()));
  }

  #spawn(): void {
    const { args, env } = this.#spec;
    const startedMs = Date.now();
    // A process group of its own: Ctrl-C reaches the parent alone, which stops things in their order.
    const child = spawn(process.execPath, ['--import', GUARD, ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', (line) => this.#hear(line));
    }
    this.#ended = new Promise((resolve) => {
      child.once('error', (error) => this.#hear(`cannot be started: ${error.message}`));
      child.once('close', (code, signal) => {
        resolve();
        this.#closed(startedMs, signal ?? `exit code ${code}`);
      });
    });
  }

  #closed(startedMs: number, how: string): void {
    if (this.#stopping) return;
    if (!this.#started) {
      this.#failed = true;
      return;
    }
    this.#restarts++;
    const nowMs = Date.now();
    const pauseMs = nowMs - startedMs > STEADY_MS ? FIRST_PAUSE_MS : this.#pauseMs;
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
    this.#hear(`${this.name} ended (${how}); started again in ${pauseMs} ms`);
    setTimeout(() => {
      if (!this.#stopping) this.#spawn();
    }, pauseMs);
  }

  #hear(line: string): void {
    this.#log.write(`${line}\n`);
    this.#lastLines = [...this.#lastLines.slice(1 - LAST_LINES), line];
    this.#spec.onLine?.(line);
  }
}

/** Where a process of a data folder writes its log. */
export const logFile = (dataDir: string, name: string): string => join(dataDir, 'logs', `${name}.log`);

/** Whether somebody listens on a port of this machine. */
export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const done = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', done(true));
    socket.once('error', done(false));
  });
}
