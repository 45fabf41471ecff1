/** The one-screen summary of `logweir start`, as lines of text. Pure: what is shown comes in, lines come out. */
import type { Endpoints } from '../endpoints.ts';
import type { Figures } from './telemetry.ts';

/** The last window of a service. */
export interface LastWindow {
  readonly service: string;
  /** Start of the window, ms since the epoch. */
  readonly startMs: number;
  readonly revision: number;
  readonly entries: number;
  readonly errors: number;
  readonly p95Ms: number | null;
}

export interface ScreenState {
  readonly endpoints: Endpoints;
  readonly dataDir: string;
  readonly upMs: number;
  readonly figures: Figures;
  readonly waitingMessages: number;
  readonly openTimers: number;
  readonly archivedObjects: number;
  /** Processes that were started again, with how often. */
  readonly restarts: readonly (readonly [name: string, times: number])[];
  readonly windows: readonly LastWindow[];
}

const HTTP_SERVICES = [
  'page',
  'bigquery',
  'storage',
  'tasks',
  'parse',
  'close',
  'sweep',
  'learn',
  'tier',
  'alert',
  'remind',
  'alerts',
  'vertex',
  'drift',
] as const;
const GRPC_SERVICES = ['pubsub', 'firestore', 'bigqueryWrite'] as const;

/** Where everything listens: printed once, before the live part. */
export function addresses(endpoints: Endpoints, dataDir: string, pageUrl: string): string[] {
  const { topic, projectId, dataset, archiveBucket } = endpoints;
  const lines = [...GRPC_SERVICES, ...HTTP_SERVICES].map((name) => `  ${name.padEnd(14)}${endpoints[name]}`);
  return [
    'Logweir is running, on this machine alone:',
    ...lines,
    `  project ${projectId} · topic ${topic} · dataset ${dataset} · archive gs://${archiveBucket} · data ${dataDir}`,
    '',
    `  ${pageUrl}`,
    '    the page; who has this link may do everything (npx logweir token makes others)',
    `  ${endpoints.alerts}/  alerts as Slack and the mailbox would show them`,
    '  npx logweir ship FILE          publish a log file',
    `  npx logweir sql "SELECT …"     ask the warehouse`,
    '  Ctrl-C                         stop; the next start goes on with the same data',
    '',
  ];
}

/** The live part. */
export function screen(state: ScreenState): string[] {
  const { figures } = state;
  const restarts = state.restarts.filter(([, times]) => times > 0);
  return [
    `up ${clock(state.upMs)}   ${whole(figures.entriesPerSecond)} entries/s   lag p50 ${ms(figures.lagP50Ms)}, p99 ${ms(figures.lagP99Ms)}`,
    `entries ${whole(figures.entries)}   dead letters ${whole(figures.deadLetters)}   late ${whole(figures.lateEntries)}   duplicates dropped ${whole(figures.duplicates)}`,
    `windows: ${whole(state.openTimers)} open, ${whole(figures.windowsFired)} fired, ${whole(figures.revisions)} revised   waiting messages ${whole(state.waitingMessages)}   archive files ${whole(state.archivedObjects)}`,
    ...(figures.failures > 0 ? [`failures ${whole(figures.failures)} (see ${state.dataDir}/logs)`] : []),
    ...restarts.map(([name, times]) => `${name} was started again ${times} time${times === 1 ? '' : 's'}`),
    '',
    row(['service', 'last window', 'revision', 'entries', 'errors', 'p95 latency']),
    ...state.windows.map((one) =>
      row([
        one.service,
        new Date(one.startMs).toISOString().slice(11, 19),
        String(one.revision),
        whole(one.entries),
        `${whole(one.errors)} (${percent(one.errors, one.entries)})`,
        ms(one.p95Ms),
      ]),
    ),
    ...(state.windows.length === 0 ? ['  no window has closed yet'] : []),
  ];
}

/** The live part in one line, for output that is no terminal. */
export function summary({ figures, upMs, openTimers }: ScreenState): string {
  return `up ${clock(upMs)}: ${whole(figures.entriesPerSecond)} entries/s, ${whole(figures.entries)} entries, ${whole(figures.deadLetters)} dead letters, lag p99 ${ms(figures.lagP99Ms)}, windows ${whole(openTimers)} open, ${whole(figures.windowsFired)} fired`;
}

const WIDTHS = [18, 13, 10, 10, 16, 12] as const;

const row = (cells: readonly string[]): string =>
  `  ${cells.map((cell, i) => (i === 0 ? cell.slice(0, 17).padEnd(WIDTHS[i]!) : cell.padStart(WIDTHS[i] ?? 10))).join('')}`;

const whole = (value: number): string => Math.round(value).toLocaleString('en-US');
const ms = (value: number | null): string => (value === null ? '–' : `${whole(value)} ms`);
const percent = (part: number, all: number): string =>
  all === 0 ? '–' : `${((100 * part) / all).toFixed(1)} %`;

function clock(upMs: number): string {
  const seconds = Math.floor(upMs / 1000);
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}
