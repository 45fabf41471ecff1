/**
 * The warehouse: the dataset, what the files of sql/ make in it, and the analysts' rights. They may read the dataset,
 * ask, and read the archive bucket, where the cold days of the view `logs` lie; they may change nothing.
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
    this.grantAnalysts(naming, args.archive);
    this.registerOutputs({ dataset: this.dataset.datasetId });
  }

  private grantAnalysts(naming: Naming, archive: Archive): void {
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
      new gcp.storage.BucketIAMMember(
        naming.name(`analyst-${i}-cold`),
        { bucket: archive.bucket.name, role: 'roles/storage.objectViewer', member },
        under(this),
      );
    });
  }
}
