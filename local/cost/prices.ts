/**
 * The one file of prices, in USD, list prices of us-central1 without discounts. They were written down from memory on
 * the date below and not yet compared with the price lists: compare before you decide by them, and set the date.
 */
export const PRICES_AS_OF = '2026-11-21';
export const PRICES_CHECKED = false;

export interface Price {
  readonly usd: number;
  readonly per: string;
  readonly source: string;
}

const price = (usd: number, per: string, source: string): Price => ({ usd, per, source });

const PUBSUB = 'https://cloud.google.com/pubsub/pricing';
const RUN = 'https://cloud.google.com/run/pricing';
const FIRESTORE = 'https://cloud.google.com/firestore/pricing';
const BIGQUERY = 'https://cloud.google.com/bigquery/pricing';
const STORAGE = 'https://cloud.google.com/storage/pricing';

export const PRICES = {
  pubsubDelivery: price(40, 'TiB published, and TiB pushed', PUBSUB),
  pubsubToStorage: price(50, 'TiB through a Cloud Storage subscription', PUBSUB),
  cpuSecond: price(0.000_024, 'vCPU second', RUN),
  memorySecond: price(0.000_002_5, 'GiB second', RUN),
  idleCpuSecond: price(0.000_002_5, 'vCPU second of a waiting minimum instance', RUN),
  request: price(0.4, 'million requests', RUN),
  firestoreWrite: price(0.09, '100,000 writes', FIRESTORE),
  firestoreRead: price(0.03, '100,000 reads', FIRESTORE),
  firestoreDelete: price(0.01, '100,000 deletes, by TTL too', FIRESTORE),
  task: price(0.4, 'million tasks', 'https://cloud.google.com/tasks/pricing'),
  writeApi: price(0.025, 'GiB written by the Storage Write API', BIGQUERY),
  physical: price(0.04, 'GiB and month in BigQuery, physical, active; half of it after 90 days', BIGQUERY),
  logical: price(0.02, 'GiB and month in BigQuery, logical, active; half of it after 90 days', BIGQUERY),
  query: price(6.25, 'TiB read by queries', BIGQUERY),
  standard: price(0.02, 'GiB and month, Standard', STORAGE),
  nearline: price(0.01, 'GiB and month, Nearline', STORAGE),
  coldline: price(0.004, 'GiB and month, Coldline', STORAGE),
  archive: price(0.0012, 'GiB and month, Archive', STORAGE),
  objectWrite: price(0.05, '10,000 objects written or lists made, Standard', STORAGE),
  objectRead: price(0.004, '10,000 objects read, Standard', STORAGE),
  nearlineRead: price(0.01, 'GiB read from Nearline', STORAGE),
  coldlineRead: price(0.02, 'GiB read from Coldline', STORAGE),
  archiveRead: price(0.05, 'GiB read from Archive', STORAGE),
  servingHour: price(
    0.11,
    'hour of an n1-standard-2 behind a Vertex AI endpoint',
    'https://cloud.google.com/vertex-ai/pricing',
  ),
  trainingHour: price(0.17, 'hour of an n2-highcpu-4', 'https://cloud.google.com/vertex-ai/pricing'),
  trainingSpotHour: price(
    0.05,
    'hour of an n2-highcpu-4, spot',
    'https://cloud.google.com/vertex-ai/pricing',
  ),
  cloudLogging: price(0.5, 'GiB stored for 30 days', 'https://cloud.google.com/stackdriver/pricing'),
  cloudLoggingMonth: price(
    0.01,
    'GiB and month beyond 30 days',
    'https://cloud.google.com/stackdriver/pricing',
  ),
  datadogIngest: price(0.1, 'GB ingested', 'https://www.datadoghq.com/pricing/'),
  datadogIndex: price(2.5, 'million events indexed for 30 days', 'https://www.datadoghq.com/pricing/'),
  elasticIngest: price(
    0.11,
    'GB ingested, serverless',
    'https://www.elastic.co/pricing/serverless-observability',
  ),
  elasticMonth: price(
    0.02,
    'GB and month kept, serverless',
    'https://www.elastic.co/pricing/serverless-observability',
  ),
} as const satisfies Record<string, Price>;

/** What costs nothing, a month. */
export const FREE = { writeApiGib: 2048, tasks: 1e6, pubsubTib: 10 / 1024 } as const;
