/**
 * Which BigQuery `logweir sql` asks: the laptop's, or that of a Google Cloud project, by the credentials of who asks and
 * with a limit on what the query may cost. Errors of Google's that a user can do something about say what.
 */
import { BigQuery, type Query } from '@google-cloud/bigquery';
import { SETTINGS } from '../../functions/config.ts';
import { formatBytes } from '../../functions/setting-kinds.ts';
import { readEndpoints } from '../endpoints.ts';

export interface WarehouseOptions {
  readonly dataDir: string;
  /** Null or none: the laptop. The rest goes with a project. */
  readonly project?: string;
  readonly dataset?: string;
  readonly location?: string;
  /** In bytes. */
  readonly maxBytes?: number;
  /** Base URL of another BigQuery than Google's. */
  readonly endpoint?: string;
}

export interface OpenedWarehouse {
  readonly client: BigQuery;
  /** What every query is asked with. */
  readonly request: Pick<Query, 'defaultDataset' | 'location' | 'maximumBytesBilled'>;
  /** Bytes that BigQuery may bill; null: no limit, as on the laptop. */
  readonly maxBytes: number | null;
}

/** Some six US cents at the list price of 2026. */
export const DEFAULT_MAX_BYTES = 10 * 1024 ** 3;

/** Opens it. Rejects when nothing runs on the laptop, and for options that go with a project without one. */
export async function openWarehouse(options: WarehouseOptions): Promise<OpenedWarehouse> {
  const { project, dataset, location, endpoint, maxBytes } = options;
  if (project === undefined) {
    const rest = { dataset, location, 'max-bytes': maxBytes, endpoint };
    const [lost] = Object.entries(rest).find(([, value]) => value !== undefined) ?? [];
    if (lost !== undefined) throw new Error(`--${lost} goes with --project`);
    const laptop = await readEndpoints(options.dataDir);
    const client = new BigQuery({ projectId: laptop.projectId, apiEndpoint: laptop.bigquery });
    return { client, request: { defaultDataset: { datasetId: laptop.dataset } }, maxBytes: null };
  }
  const limit = maxBytes ?? DEFAULT_MAX_BYTES;
  const client = new BigQuery({
    projectId: project,
    ...(endpoint === undefined ? {} : { apiEndpoint: endpoint }),
  });
  // Without credentials the client would ask all the same, and say what Google answers to nobody.
  if (endpoint === undefined)
    await client.authClient.getClient().catch((error: unknown) => {
      throw advised(error, options);
    });
  return {
    client,
    request: {
      defaultDataset: { projectId: project, datasetId: dataset ?? SETTINGS.dataset.default ?? '' },
      maximumBytesBilled: String(limit),
      ...(location === undefined ? {} : { location }),
    },
    maxBytes: limit,
  };
}

/** What Google says, in words of ours where its own lead nowhere or say not enough. */
const ADVICE: readonly (readonly [RegExp, (message: string) => string])[] = [
  [
    /could not load the default credentials/i,
    () =>
      'no Google credentials: run "gcloud auth application-default login", or let GOOGLE_APPLICATION_CREDENTIALS name a file of them',
  ],
  [
    /invalid_grant|invalid_rapt|reauth/i,
    () => 'your Google credentials are good no longer: run "gcloud auth application-default login" again',
  ],
  [
    /limit for bytes billed/i,
    (message) => `${message} --max-bytes raises the limit; --dry-run says first what is read.`,
  ],
  [/not found: dataset/i, (message) => `${message}; --dataset and --location name another`],
  [
    /access denied|permission denied|does not have .* permission/i,
    (message) =>
      `${message}; to ask, one needs BigQuery Job User on the project and BigQuery Data Viewer on the dataset`,
  ],
];

/** The error with what to do about it, when a project was asked. */
export function advised(error: unknown, { project }: Pick<WarehouseOptions, 'project'>): unknown {
  if (project === undefined || !(error instanceof Error)) return error;
  const [, say] = ADVICE.find(([pattern]) => pattern.test(error.message)) ?? [];
  return say === undefined ? error : new Error(say(error.message), { cause: error });
}

/** What is said of a query that would be refused for what it reads; null: it would not. */
export const overLimit = (bytes: number, maxBytes: number | null): string | null =>
  maxBytes === null || bytes <= maxBytes
    ? null
    : `that is more than ${formatBytes(maxBytes)}: it would be refused without a larger --max-bytes`;
