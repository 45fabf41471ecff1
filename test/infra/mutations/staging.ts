/** What goes wrong where rows are loaded from files. */
import { change, type Mutation, onFunction, without } from './mutation.ts';

const onBucket = (edit: Parameters<typeof change>[2]) => change('logweir-staging', 'Bucket', edit);

export const STAGING_MUTATIONS: readonly Mutation[] = [
  [
    'parse may not write files of rows',
    without('logweir-parse-storage-objectCreator-staging-bucket'),
    /parse lacks roles\/storage.objectCreator on the staging bucket/,
  ],
  [
    'the loader may not remove what it has loaded',
    without('logweir-load-storage-objectUser-staging-bucket'),
    /load lacks roles\/storage.objectUser on the staging bucket/,
  ],
  [
    'the loader may not write to the dataset',
    without('logweir-load-bigquery-dataEditor-dataset'),
    /load lacks roles\/bigquery.dataEditor on the dataset/,
  ],
  [
    'parse may write files where rows are streamed',
    onFunction('parse', (inputs) => {
      inputs.serviceConfig.environmentVariables.LOGWEIR_LOG_ROWS = 'stream';
    }),
    /parse needs no logweir-parse-storage-objectCreator-staging-bucket/,
  ],
  ['nothing calls the loader', without('logweir-load', 'Job'), /nothing calls load/],
  ['there is no loader', without('logweir-load', 'Function'), /nothing loads the files that are staged/],
  [
    'the loader does not know the bucket',
    onFunction('load', (inputs) => {
      delete inputs.serviceConfig.environmentVariables.LOGWEIR_STAGING_BUCKET;
    }),
    /logweir-load does not know the staging bucket/,
  ],
  [
    'files that were loaded are kept for a week more',
    onBucket((inputs) => {
      delete inputs.softDeletePolicy;
    }),
    /keeps what was deleted/,
  ],
  [
    'files that were loaded stay as older versions',
    onBucket((inputs) => {
      inputs.versioning = { enabled: true };
    }),
    /keeps what was deleted/,
  ],
  [
    'files that nobody loads stay for ever',
    onBucket((inputs) => {
      inputs.lifecycleRules = [];
    }),
    /nobody loads stay for ever/,
  ],
  [
    'few batches are in hand at once',
    onFunction('parse', (inputs) => {
      inputs.serviceConfig.maxInstanceRequestConcurrency = 8;
    }),
    /batches do not wait for each other/,
  ],
  ['nothing watches whether rows are loaded', without('logweir-rows-late'), /nothing watches rows-late/],
];
