/** The whole of a stack: its parts in the order in which they need each other, and what people need to know of them. */
import * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import { type Config, loadConfig } from '../functions/config.ts';
import { REPORTS, reportLink } from '../sql/looker-studio.ts';
import { Archive } from './archive.ts';
import type { Bundle } from './bundle.ts';
import { FUNCTION_NAMES, type FunctionName, type InfraSettings } from './config.ts';
import { Delivery } from './delivery.ts';
import { Front } from './front.ts';
import { Grants } from './grants.ts';
import { Identities } from './identities.ts';
import { Ingest } from './ingest.ts';
import { Models } from './models.ts';
import { type Naming, namingOf } from './naming.ts';
import { Observability } from './observability.ts';
import { PLANS } from './plan.ts';
import { Platform } from './platform.ts';
import { Secrets, type SecretValues } from './secrets.ts';
import { Serverless } from './serverless.ts';
import { Staging } from './staging.ts';
import { Warehouse } from './warehouse.ts';
import { Windows } from './windows.ts';

export interface DeploymentArgs {
  readonly settings: InfraSettings;
  readonly secrets: SecretValues;
  /** Of the functions that `functionsOf` names. */
  readonly bundles: readonly Bundle[];
  readonly sqlDigest: string;
}

/** Functions of a stack: drift needs models, and load files to load. */
export const functionsOf = ({ models, rows }: InfraSettings): FunctionName[] =>
  FUNCTION_NAMES.filter(
    (name) =>
      (models !== 'none' || PLANS[name].models !== true) && (rows !== undefined || PLANS[name].rows !== true),
  );

export class Deployment extends pulumi.ComponentResource {
  readonly outputs: Readonly<Record<string, pulumi.Output<unknown>>>;

  constructor(args: DeploymentArgs, opts?: pulumi.ComponentResourceOptions) {
    const naming = namingOf(args.settings);
    super('logweir:infra:Deployment', naming.name('deployment'), {}, opts);
    const parent = { parent: this };
    const names = functionsOf(args.settings);
    const config = configOf(args.settings);
    const platform = new Platform(naming, parent);
    const identities = new Identities(naming, names, platform, parent);
    const ingest = new Ingest(naming, platform, parent);
    const archive = new Archive(naming, { topic: ingest.logs, platform, config }, parent);
    const staging = new Staging(naming, platform, parent);
    const windows = new Windows(naming, platform, parent);
    const warehouse = new Warehouse(naming, { platform, archive, config, sqlDigest: args.sqlDigest }, parent);
    const models = new Models(naming, { platform, identities }, parent);
    const secrets = new Secrets(naming, { values: args.secrets, platform, identities }, parent);
    const parts = { platform, identities, ingest, archive, staging, windows, warehouse, models };
    const grants = new Grants(naming, names, parts, parent);
    const env = environmentOf(naming, parts);
    const serverless = new Serverless(
      naming,
      { bundles: args.bundles, env, platform, identities, models, secrets, grants },
      parent,
    );
    const delivery = new Delivery(naming, { names, platform, identities, ingest, serverless }, parent);
    const { number: projectNumber } = gcp.organizations.getProjectOutput(
      { projectId: args.settings.project },
      parent,
    );
    const front = new Front(naming, { platform, serverless, projectNumber }, parent);
    const { dashboard } = new Observability(
      naming,
      { platform, ingest, windows, delivery, front, projectNumber },
      parent,
    );
    this.outputs = {
      api:
        args.settings.api.access === 'iap'
          ? pulumi.output(`https://${args.settings.api.domain}`)
          : serverless.urlOf('api'),
      apiAddress: pulumi.output(front.address),
      iapAudience: pulumi.output(front.iapAudience),
      // With the key of redaction, where there is one: what is replayed must get the same pseudonyms.
      functionEnv: pulumi.output({
        ...env,
        LOGWEIR_CLOSE_URL: serverless.urlOf('close'),
        ...(args.secrets.redactKey === undefined ? {} : { LOGWEIR_REDACT_KEY: args.secrets.redactKey }),
      }),
      topic: ingest.logs.id,
      deadLetters: ingest.deadSubscription.id,
      // What the other side of an import is told to trust.
      importIdentity: pulumi.output(ingest.importIdentity),
      archiveBucket: archive.bucket.name,
      stateBucket: models.state.name,
      modelBucket: pulumi.output(models.bucket?.name ?? null),
      modelEndpoint: pulumi.output(models.endpoint?.name ?? null),
      dataset: pulumi.interpolate`${args.settings.project}.${warehouse.dataset.datasetId}`,
      images: pulumi.interpolate`${args.settings.region}-docker.pkg.dev/${args.settings.project}/${models.registry.repositoryId}`,
      dashboard: pulumi.interpolate`https://console.cloud.google.com/monitoring/dashboards/builder/${dashboard.id.apply((id) => id.split('/').at(-1))}?project=${args.settings.project}`,
      lookerStudio: pulumi.output(
        Object.fromEntries(
          REPORTS.map(({ view, title }) => [
            title,
            reportLink(view, title, { projectId: args.settings.project, dataset: naming.dataset }),
          ]),
        ),
      ),
    };
    this.registerOutputs(this.outputs);
  }
}

/** The settings of the functions, as far as the stack itself depends on them. */
const configOf = ({ project, functions }: InfraSettings): Config =>
  loadConfig({ LOGWEIR_PROJECT: project, LOGWEIR_CLOSE_URL: 'https://close', ...functions });

/** What differs from the laptop: names alone. */
function environmentOf(
  { settings, dataset }: Naming,
  {
    identities,
    ingest,
    archive,
    staging,
    windows,
    warehouse,
    models,
  }: {
    readonly identities: Identities;
    readonly ingest: Ingest;
    readonly archive: Archive;
    readonly staging: Staging;
    readonly windows: Windows;
    readonly warehouse: Warehouse;
    readonly models: Models;
  },
): Record<string, pulumi.Input<string>> {
  return {
    ...settings.functions,
    LOGWEIR_PROJECT: settings.project,
    LOGWEIR_LOCATION: settings.region,
    LOGWEIR_DATASET: dataset,
    LOGWEIR_FIRESTORE_DATABASE: windows.database.name,
    LOGWEIR_TIMER_QUEUE: windows.queue.name,
    LOGWEIR_CLOSE_IDENTITY: identities.callers.timer.email,
    LOGWEIR_PATTERN_BUCKET: models.state.name,
    LOGWEIR_ARCHIVE_BUCKET: archive.bucket.name,
    ...(staging.bucket === null
      ? {}
      : { LOGWEIR_LOG_ROWS: settings.rows!, LOGWEIR_STAGING_BUCKET: staging.bucket.name }),
    LOGWEIR_COLD_CONNECTION: warehouse.connectionName,
    LOGWEIR_VERDICT_TOPIC: ingest.verdicts.name,
    LOGWEIR_LOG_TOPIC: ingest.logs.name,
    ...(models.bucket === null ? {} : { LOGWEIR_MODEL_BUCKET: models.bucket.name }),
    ...(settings.models === 'process' ? { LOGWEIR_MODELS: 'process' } : {}),
    ...(models.endpoint === null ? {} : { LOGWEIR_MODEL_ENDPOINT: models.endpoint.name }),
    ...(identities.training === null ? {} : { LOGWEIR_TRAINING_IDENTITY: identities.training.email }),
  };
}
