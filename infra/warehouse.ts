/**
 * The warehouse: the dataset, what the files of sql/ make in it, the connection by which BigQuery reads the cold days of
 * the view `logs` in the archive bucket, and the analysts' rights. They may read the dataset and ask; they may change
 * nothing, and have no right to the bucket, where raw messages lie too.
 */
import * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import type { Config } from '../functions/config.ts';
import type { Archive } from './archive.ts';
import { type Naming, under } from './naming.ts';
import type { Platform } from './platform.ts';
import { SqlStep } from './sql-step.ts';

export class Warehouse extends pulumi.ComponentResource {
  readonly dataset: gcp.bigquery.Dataset;
  readonly tables: SqlStep;
  /** Reads the archive bucket for who asks the table of cold days (functions/archive/tier-sql.ts). */
  readonly connection: gcp.bigquery.Connection;
  /** As statements name it. */
  readonly connectionName: pulumi.Output<string>;

  constructor(
    naming: Naming,
    args: {
      readonly platform: Platform;
      readonly archive: Archive;
      readonly config: Pick<Config, 'tableExpirationMs' | 'policyTag'>;
      readonly sqlDigest: string;
    },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super('logweir:infra:Warehouse', naming.name('warehouse'), {}, opts);
    const { project, region, kmsKey } = naming.settings;
    this.dataset = new gcp.bigquery.Dataset(
      naming.name('dataset'),
      {
        project,
        datasetId: naming.dataset,
        location: region,
        description: 'Logs, windows, alerts and predictions of Logweir',
        labels: { ...naming.labels },
        deleteContentsOnDestroy: !naming.isProtected,
        // Compressed bytes are charged: logs shrink about eight times.
        storageBillingModel: 'PHYSICAL',
        maxTimeTravelHours: '48',
        ...(kmsKey === undefined ? {} : { defaultEncryptionConfiguration: { kmsKeyName: kmsKey } }),
      },
      { ...under(this, args.platform.ready), protect: naming.isProtected },
    );
    this.tables = new SqlStep(
      naming.name('tables'),
      {
        project,
        dataset: this.dataset.datasetId,
        location: region,
        expirationMs: args.config.tableExpirationMs,
        policyTag: args.config.policyTag,
        endpoint: '',
        digest: args.sqlDigest,
      },
      under(this, [this.dataset]),
    );
    this.connection = new gcp.bigquery.Connection(
      naming.name('cold'),
      {
        project,
        location: region,
        connectionId: naming.name('cold'),
        description: 'Reads the cold days of Logweir in its archive bucket',
        cloudResource: {},
      },
      under(this, args.platform.ready),
    );
    this.connectionName = pulumi.interpolate`${project}.${region}.${this.connection.connectionId}`;
    new gcp.storage.BucketIAMMember(
      naming.name('cold-reads'),
      { bucket: args.archive.bucket.name, role: 'roles/storage.objectViewer', member: this.reader() },
      under(this),
    );
    this.grantAnalysts(naming);
    this.registerOutputs({ dataset: this.dataset.datasetId });
  }

  /** The account that Google makes for the connection. */
  private reader(): pulumi.Output<string> {
    return this.connection.cloudResource.apply((resource) => {
      if (resource?.serviceAccountId) return `serviceAccount:${resource.serviceAccountId}`;
      // As with a function's address, a preview may not know a nested field.
      if (pulumi.runtime.isDryRun()) return 'serviceAccount:known.after.pulumi.up';
      throw new Error('the connection has no account');
    });
  }

  private grantAnalysts(naming: Naming): void {
    const { project, analysts } = naming.settings;
    analysts.forEach((member, i) => {
      new gcp.projects.IAMMember(
        naming.name(`analyst-${i}-jobs`),
        { project, role: 'roles/bigquery.jobUser', member },
        under(this),
      );
      new gcp.bigquery.DatasetIamMember(
        naming.name(`analyst-${i}-reads`),
        { project, datasetId: this.dataset.datasetId, role: 'roles/bigquery.dataViewer', member },
        under(this),
      );
    });
  }
}
