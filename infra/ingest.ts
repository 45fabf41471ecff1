/**
 * Topics: `logs`, which shippers publish to, `verdicts`, which close publishes to, and the dead letters with a
 * subscription that keeps them for a week, to be looked at and published again. Optionally `logs` imports a topic of
 * Kafka or the like (import-source.ts). Publishers are named in the settings; nobody else may publish.
 */
import * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import { ingestionOf } from './import-source.ts';
import { type Naming, under } from './naming.ts';
import type { Platform } from './platform.ts';

const WEEK = '604800s';

interface Import {
  readonly settings: Partial<gcp.pubsub.TopicArgs>;
  /** Whom the other side trusts. */
  readonly account: gcp.serviceaccount.Account | null;
  /** What Pub/Sub needs to read. */
  readonly after: readonly pulumi.Resource[];
}

export class Ingest extends pulumi.ComponentResource {
  readonly logs: gcp.pubsub.Topic;
  readonly verdicts: gcp.pubsub.Topic;
  readonly dead: gcp.pubsub.Topic;
  readonly deadSubscription: gcp.pubsub.Subscription;
  /** Pub/Sub's own right to publish dead letters. */
  readonly deadGrant: gcp.pubsub.TopicIAMMember;
  /** Address and number of the account that imports; null: nothing is imported, or it needs none. */
  readonly importIdentity: pulumi.Output<{ readonly email: string; readonly uniqueId: string }> | null;

  constructor(naming: Naming, platform: Platform, opts?: pulumi.ComponentResourceOptions) {
    super('logweir:infra:Ingest', naming.name('ingest'), {}, opts);
    const { project, region, kmsKey, publishers } = naming.settings;
    const imported = this.importOf(naming, platform);
    const topic = (
      what: string,
      rest: Partial<gcp.pubsub.TopicArgs> = {},
      after: readonly pulumi.Resource[] = [],
    ): gcp.pubsub.Topic =>
      new gcp.pubsub.Topic(
        naming.name(what),
        {
          project,
          name: naming.name(what),
          labels: { ...naming.labels },
          messageStoragePolicy: { allowedPersistenceRegions: [region] },
          ...(kmsKey === undefined ? {} : { kmsKeyName: kmsKey }),
          ...rest,
        },
        under(this, [...platform.ready, ...after]),
      );
    this.logs = topic('logs', imported.settings, imported.after);
    this.importIdentity =
      imported.account === null
        ? null
        : pulumi.output({ email: imported.account.email, uniqueId: imported.account.uniqueId });
    this.verdicts = topic('verdicts');
    this.dead = topic('dead');
    this.deadSubscription = new gcp.pubsub.Subscription(
      naming.name('dead'),
      {
        project,
        name: naming.name('dead'),
        topic: this.dead.id,
        labels: { ...naming.labels },
        messageRetentionDuration: WEEK,
        expirationPolicy: { ttl: '' },
      },
      under(this),
    );
    this.deadGrant = new gcp.pubsub.TopicIAMMember(
      naming.name('dead-pubsub'),
      {
        project,
        topic: this.dead.name,
        role: 'roles/pubsub.publisher',
        member: pulumi.interpolate`serviceAccount:${platform.agents.pubsub.email}`,
      },
      under(this, platform.ready),
    );
    if (naming.settings.importFrom !== undefined)
      new gcp.pubsub.TopicIAMMember(
        naming.name('import-publishes'),
        {
          project,
          topic: this.logs.name,
          role: 'roles/pubsub.publisher',
          member: pulumi.interpolate`serviceAccount:${platform.agents.pubsub.email}`,
        },
        under(this),
      );
    publishers.forEach((member, i) => {
      new gcp.pubsub.TopicIAMMember(
        naming.name(`publisher-${i}`),
        { project, topic: this.logs.name, role: 'roles/pubsub.publisher', member },
        under(this),
      );
    });
    this.registerOutputs({ logs: this.logs.id, verdicts: this.verdicts.id, dead: this.dead.id });
  }

  /**
   * Pub/Sub reads the other side by itself, as a service account of the stack that the other side trusts, or a bucket as
   * its own. Rights to read come before the topic; that to publish can only come after it, and Pub/Sub tries again.
   */
  private importOf(naming: Naming, platform: Platform): Import {
    const { project, importFrom } = naming.settings;
    if (importFrom === undefined) return { settings: {}, account: null, after: [] };
    const member = pulumi.interpolate`serviceAccount:${platform.agents.pubsub.email}`;
    if (importFrom.source === 'cloudStorage') {
      const after = ['objectViewer', 'legacyBucketReader'].map(
        (role) =>
          new gcp.storage.BucketIAMMember(
            naming.name(`import-${role}`),
            { bucket: importFrom.bucket, role: `roles/storage.${role}`, member },
            under(this, platform.ready),
          ),
      );
      return { settings: { ingestionDataSourceSettings: ingestionOf(importFrom, '') }, account: null, after };
    }
    const account = new gcp.serviceaccount.Account(
      naming.name('import'),
      { project, accountId: naming.name('import'), displayName: 'Logweir: imports a Kafka topic' },
      under(this, platform.apis),
    );
    const token = new gcp.serviceaccount.IAMMember(
      naming.name('import-pubsub'),
      { serviceAccountId: account.name, role: 'roles/iam.serviceAccountTokenCreator', member },
      under(this, platform.ready),
    );
    const ingestionDataSourceSettings = ingestionOf(importFrom, account.email);
    return { settings: { ingestionDataSourceSettings }, account, after: [token] };
  }
}
