/**
 * The bill of a month by component, from a load and the prices: pure. Every assumption is a field of the load with a
 * default, and is printed with the bill.
 */

import { COLD_PREFIX, RAW_PREFIX } from '../../functions/archive/layout.ts';
import { archiveRules, type ColdClass } from '../../infra/archive-rules.ts';
import { PLANS } from '../../infra/plan.ts';
import { FREE, PRICES } from './prices.ts';

export interface Load {
  /** Of logs, as services write them, in GB (10⁹ bytes). */
  readonly gbPerDay: number;
  readonly services: number;
  readonly bytesPerLine: number;
  readonly linesPerBatch: number;
  /** By how much a batch shrinks. */
  readonly compression: number;
  /** Of the rows of log_entries: bytes as the Storage Write API counts them, by byte of logs. */
  readonly rowBytes: number;
  /** By how much rows shrink in BigQuery and in Parquet. */
  readonly columnCompression: number;
  /** A vCPU of Cloud Run, with room to spare. */
  readonly linesPerVcpuSecond: number;
  /** Instances that are kept warm, and how many of them take the pushes of logs. */
  readonly waitingInstances: number;
  readonly parseInstances: number;
  /** Of a push, from its coming to its answer; an instance is charged in full while it has one in hand. */
  readonly requestSeconds: number;
  /** How long a batch waits for others to go into one file, where rows are loaded: LOGWEIR_STAGING_WAIT. */
  readonly stagingSeconds: number;
  /** Windows that a batch touches. */
  readonly windowsPerBatch: number;
  /** Firings of a window that read a partial, on average: the first and those of what comes later. */
  readonly readsPerPartial: number;
  readonly hotDays: number;
  /** Hot and cold together. */
  readonly keepDays: number;
  /** Raw messages; null: as long as the rest. */
  readonly rawDays: number | null;
  /** Where cold days lie from their second day; null: by their age. */
  readonly coldClass: ColdClass | null;
  readonly coldReadTibPerMonth: number;
  readonly queryTibPerMonth: number;
  readonly trainingHoursPerMonth: number;
  readonly isCompressed: boolean;
  readonly isTiered: boolean;
  /** BigQuery charges compressed bytes. */
  readonly isPhysical: boolean;
  readonly byLoadJobs: boolean;
  readonly onSpot: boolean;
  /** endpoint: Vertex AI; process: in the function that closes windows; none: rules and baselines alone. */
  readonly models: 'endpoint' | 'process' | 'none';
  /** Processor time that models in the process take for a service of a window. */
  readonly modelMsPerService: number;
}

/**
 * The goal's load on a stack of infra/examples/Pulumi.prod.yaml. Bytes, and how they shrink, are those of the generator's
 * logs, measured (test/local/cost/measured.test.ts); your own logs may shrink more or less. What models take was measured
 * by test/bench/models-in-process.ts.
 */
export const DEFAULT_LOAD: Load = {
  gbPerDay: 500,
  services: 1000,
  bytesPerLine: 335,
  linesPerBatch: 1000,
  compression: 5.2,
  rowBytes: 1.02,
  columnCompression: 7,
  linesPerVcpuSecond: 40_000,
  waitingInstances: 2,
  parseInstances: 1,
  requestSeconds: 0.15,
  stagingSeconds: 0.5,
  windowsPerBatch: 1.5,
  readsPerPartial: 2,
  hotDays: 30,
  keepDays: 395,
  rawDays: 35,
  coldClass: 'ARCHIVE',
  coldReadTibPerMonth: 0.2,
  queryTibPerMonth: 5,
  trainingHoursPerMonth: 10,
  isCompressed: true,
  isTiered: true,
  isPhysical: true,
  byLoadJobs: true,
  onSpot: true,
  models: 'process',
  modelMsPerService: 0.08,
};

const DAYS = 365 / 12;
const SECONDS = DAYS * 86_400;
const GIB = 2 ** 30;

export interface Line {
  readonly component: string;
  readonly usd: number;
}
export interface Bill {
  readonly lines: readonly Line[];
  readonly usd: number;
  /** By TiB of logs as services write them. */
  readonly usdPerTib: number;
}

export function billOf(load: Load): Bill {
  const lines = [
    ...transport(load),
    ...compute(load),
    ...state(load),
    ...warehouse(load),
    ...staging(load),
    ...files(load),
    ...models(load),
  ];
  const usd = lines.reduce((sum, line) => sum + line.usd, 0);
  return { lines, usd, usdPerTib: usd / tibPerMonth(load) };
}

export const tibPerMonth = ({ gbPerDay }: Load): number => (gbPerDay * 1e9 * DAYS) / (GIB * 1024);
const linesPerMonth = ({ gbPerDay, bytesPerLine }: Load): number => (gbPerDay * 1e9 * DAYS) / bytesPerLine;
/** Without batches every line is a message of its own. */
const messages = (load: Load): number => linesPerMonth(load) / (load.isCompressed ? load.linesPerBatch : 1);
const shrunk = ({ isCompressed, compression }: Load): number => (isCompressed ? compression : 1);

function transport(load: Load): Line[] {
  const tib = Math.max(0, tibPerMonth(load) / shrunk(load) - FREE.pubsubTib);
  return [
    { component: 'Pub/Sub, publish and push', usd: tib * 2 * PRICES.pubsubDelivery.usd },
    { component: 'Pub/Sub, to the archive', usd: tib * PRICES.pubsubToStorage.usd },
  ];
}

/** Of windows: each fires some three times. */
const FIRINGS = (SECONDS / 10) * 3;

/** Cloud Run makes another instance where those there are have little room left. */
const FULL = 0.6;

const parseSeconds = (load: Load): number => linesPerMonth(load) / load.linesPerVcpuSecond;
/** Instances that take the pushes. */
const parsing = (load: Load): number =>
  Math.max(load.parseInstances, Math.ceil(parseSeconds(load) / SECONDS / FULL));
/** Batches that come to one of them in a second. */
const batchRate = (load: Load): number => messages(load) / SECONDS / parsing(load);

/** Seconds in which instances have pushes in hand: while they work, and while they wait for others to answer. */
function busySeconds(load: Load): number {
  const inHand = load.requestSeconds + (load.byLoadJobs ? load.stagingSeconds : 0);
  const share = 1 - Math.exp(-batchRate(load) * inHand);
  return Math.max(parseSeconds(load), parsing(load) * SECONDS * share);
}

function compute(load: Load): Line[] {
  const judgingMs = load.models === 'process' ? FIRINGS * load.services * load.modelMsPerService : 0;
  const busy = busySeconds(load);
  const work = (busy + judgingMs / 1000) * (PRICES.cpuSecond.usd + PRICES.memorySecond.usd);
  const idle =
    Math.max(0, load.parseInstances * SECONDS - busy) +
    (load.waitingInstances - load.parseInstances) * SECONDS;
  // With a GiB each.
  const waiting = idle * (PRICES.idleCpuSecond.usd + PRICES.memorySecond.usd);
  return [{ component: 'Functions', usd: work + waiting + (messages(load) / 1e6) * PRICES.request.usd }];
}

/** Batches that go into one file: the first, and what comes while it waits; no more than an instance may have in hand. */
export const batchesPerFile = (load: Load): number =>
  Math.min(PLANS.parse.loadConcurrency ?? PLANS.parse.concurrency, 1 + batchRate(load) * load.stagingSeconds);

/** A run a minute: a second of half a GiB, a list and two writes of what is being loaded; files lie two minutes. */
const LOAD_RUNS = SECONDS / 60;
const STAGED_DAYS = 2 / 1440;

function staging(load: Load): Line[] {
  if (!load.byLoadJobs) return [];
  const written = messages(load) / batchesPerFile(load);
  const operations =
    ((written + 3 * LOAD_RUNS) / 1e4) * PRICES.objectWrite.usd + (written / 1e4) * PRICES.objectRead.usd;
  const runs = LOAD_RUNS * (PRICES.cpuSecond.usd + PRICES.memorySecond.usd / 2);
  const kept = rowGibPerDay(load) * STAGED_DAYS * PRICES.standard.usd;
  return [{ component: 'Files for load jobs', usd: operations + runs + kept }];
}

function state(load: Load): Line[] {
  const partials = messages(load) * load.windowsPerBatch;
  const { firestoreWrite: write, firestoreRead: read, firestoreDelete: remove } = PRICES;
  const each = (write.usd + load.readsPerPartial * read.usd + remove.usd) / 1e5;
  // Its baselines are read and written for each service of a window.
  const services = (SECONDS / 10) * Math.ceil(load.services / 1000) * ((write.usd + read.usd) / 1e5);
  return [
    { component: 'Firestore', usd: partials * each + services },
    { component: 'Cloud Tasks', usd: (Math.max(0, FIRINGS - FREE.tasks) / 1e6) * PRICES.task.usd },
  ];
}

/** Rows as BigQuery counts them, in GiB a day. */
const rowGibPerDay = ({ gbPerDay, rowBytes }: Load): number => (gbPerDay * 1e9 * rowBytes) / GIB;

function warehouse(load: Load): Line[] {
  const written = Math.max(0, rowGibPerDay(load) * DAYS - FREE.writeApiGib);
  const days = load.isTiered ? Math.min(load.hotDays, load.keepDays) : load.keepDays;
  // What has not been changed for 90 days costs half.
  const charged = Math.min(days, 90) + Math.max(0, days - 90) / 2;
  const storage = load.isPhysical
    ? (rowGibPerDay(load) / load.columnCompression) * PRICES.physical.usd
    : rowGibPerDay(load) * PRICES.logical.usd;
  return [
    { component: 'BigQuery, writing', usd: load.byLoadJobs ? 0 : written * PRICES.writeApi.usd },
    { component: 'BigQuery, keeping', usd: charged * storage },
    { component: 'BigQuery, queries', usd: load.queryTibPerMonth * PRICES.query.usd },
  ];
}

function files(load: Load): Line[] {
  const cold = rowGibPerDay(load) / load.columnCompression;
  const raw = (load.gbPerDay * 1e9) / GIB / shrunk(load);
  const coldDays = Math.max(0, load.keepDays - load.hotDays);
  const reading = {
    NEARLINE: PRICES.nearlineRead,
    COLDLINE: PRICES.coldlineRead,
    ARCHIVE: PRICES.archiveRead,
  };
  const read = load.coldReadTibPerMonth * 1024 * reading[load.coldClass ?? 'COLDLINE'].usd;
  return [
    {
      component: 'Cold tier, Parquet',
      usd: load.isTiered ? cold * keptUsd(load, COLD_PREFIX, coldDays) + read : 0,
    },
    { component: 'Raw archive', usd: raw * keptUsd(load, RAW_PREFIX, load.rawDays ?? load.keepDays) },
  ];
}

/** A GiB a day, kept for so many days, by the lifecycle of the archive bucket: USD a month. */
function keptUsd(load: Load, prefix: string, days: number): number {
  const { keepDays, hotDays, isTiered, rawDays, coldClass } = load;
  const ms = 86_400_000;
  const rules = isTiered
    ? archiveRules(
        { archiveKeepMs: keepDays * ms, tierAfterMs: hotDays * ms },
        { rawDays: rawDays ?? undefined, coldClass: coldClass ?? undefined },
      ).filter(({ condition }) => condition.matchesPrefix.includes(prefix))
    : [];
  const steps = rules.flatMap(({ action, condition }) =>
    action.type === 'SetStorageClass' && condition.age < days
      ? [
          {
            from: condition.age,
            name: action.storageClass.toLowerCase() as 'nearline' | 'coldline' | 'archive',
          },
        ]
      : [],
  );
  const all = [{ from: 0, name: 'standard' as const }, ...steps];
  return all.reduce(
    (sum, { from, name }, i) => sum + ((all[i + 1]?.from ?? days) - from) * PRICES[name].usd,
    0,
  );
}

function models(load: Load): Line[] {
  const hours = load.models === 'none' ? 0 : load.trainingHoursPerMonth;
  const hour = load.onSpot ? PRICES.trainingSpotHour.usd : PRICES.trainingHour.usd;
  return [
    {
      component: 'Vertex AI, endpoint',
      usd: load.models === 'endpoint' ? (SECONDS / 3600) * PRICES.servingHour.usd : 0,
    },
    { component: 'Vertex AI, training', usd: hours * hour },
  ];
}

export interface Step {
  readonly name: string;
  /** What the code does not do yet is only reckoned. */
  readonly isBuilt: boolean;
  readonly bill: Bill;
}

/** The bill without any of the optimisations, and after each further one. */
export function stepsOf(load: Load): Step[] {
  let at: Load = {
    ...load,
    ...{ isCompressed: false, isTiered: false, isPhysical: false, byLoadJobs: false, onSpot: false },
    ...{ rawDays: null, coldClass: null },
    models: load.models === 'none' ? 'none' : 'endpoint',
  };
  const steps: Step[] = [{ name: 'none of them', isBuilt: true, bill: billOf(at) }];
  const further: readonly (readonly [string, boolean, Partial<Load>])[] = [
    ['+ batches, compressed', true, { isCompressed: true }],
    ['+ BigQuery by compressed bytes', true, { isPhysical: true }],
    ['+ tiers by age', true, { isTiered: true }],
    [`+ raw messages for ${load.rawDays} days`, true, { rawDays: load.rawDays }],
    [`+ cold days in ${load.coldClass}`, true, { coldClass: load.coldClass }],
    ['+ training on spot machines', true, { onSpot: true }],
    ['+ models in the process', true, load.models === 'none' ? {} : { models: 'process' }],
    ...(load.byLoadJobs ? [['+ load jobs', true, { byLoadJobs: true }] as const] : []),
  ];
  for (const [name, isBuilt, change] of further) {
    // What this load does without is no step.
    if (Object.values(change).every((value) => value === null)) continue;
    at = { ...at, ...change };
    steps.push({ name, isBuilt, bill: billOf(at) });
  }
  return steps;
}

/** The same logs with others, by their list prices, for a month: USD. */
export function othersOf(load: Load): readonly Line[] {
  const gb = load.gbPerDay * DAYS;
  const months = load.keepDays / DAYS;
  return [
    {
      component: 'Cloud Logging',
      usd:
        (gb * 1e9 * (PRICES.cloudLogging.usd + PRICES.cloudLoggingMonth.usd * Math.max(0, months - 1))) / GIB,
    },
    {
      component: 'Datadog, 30 days indexed',
      usd: gb * PRICES.datadogIngest.usd + (linesPerMonth(load) / 1e6) * PRICES.datadogIndex.usd,
    },
    {
      component: 'Elastic, serverless',
      usd: gb * (PRICES.elasticIngest.usd + PRICES.elasticMonth.usd * months),
    },
  ];
}
