/**
 * Topics: `logs`, which shippers publish to, `verdicts`, which close publishes to, and the dead letters with a
 * subscription that keeps them for a week, to be looked at and published again. Optionally `logs` imports a Kafka topic
 * from Confluent Cloud. Publishers are named in the settings; nobody else may publish.
 */
import * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import { type Naming, under } from './naming.ts';
import type { Platform } from './platform.ts';

const WEEK = '604800s';

export class Ingest extends pulumi.ComponentResource {
  readonly logs: gcp.pubsub.Topic;
  readonly verdicts: gcp.pubsub.Topic;
  readonly dead: gcp.pubsub.Topic;
  readonly deadSubscription: gcp.pubsub.Subscription;
  /** Pub/Sub's own right to publish dead letters. */
  readonly deadGrant: gcp.pubsub.TopicIAMMember;

  constructor(naming: Naming, platform: Platform, opts?: pulumi.ComponentResourceOptions) {
    super('logweir:infra:Ingest', naming.name('ingest'), {}, opts);
    const { project, region, kmsKey, publishers } = naming.settings;
    const topic = (what: string, rest: Partial<gcp.pubsub.TopicArgs> = {}): gcp.pubsub.Topic =>
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
        under(this, platform.ready),
      );
    this.logs = topic('logs', this.importOf(naming, platform));
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
    publishers.forEach((member, i) => {
      new gcp.pubsub.TopicIAMMember(
        naming.name(`publisher-${i}`),
        { project, topic: this.logs.name, role: 'roles/pubsub.publisher', member },
        under(this),
      );
    });
    this.registerOutputs({ logs: this.logs.id, verdicts: this.verdicts.id, dead: this.dead.id });
  }

  /** Pub/Sub reads the Kafka topic by itself, as a service account that Confluent Cloud knows. */
  private importOf(naming: Naming, platform: Platform): Partial<gcp.pubsub.TopicArgs> {
    const { project, confluentCloud } = naming.settings;
    if (confluentCloud === undefined) return {};
    const account = new gcp.serviceaccount.Account(
      naming.name('import'),
      { project, accountId: naming.name('import'), displayName: 'Logweir: imports a Kafka topic' },
      under(this, platform.apis),
    );
    new gcp.serviceaccount.IAMMember(
      naming.name('import-pubsub'),
      {
        serviceAccountId: account.name,
        role: 'roles/iam.serviceAccountTokenCreator',
        member: pulumi.interpolate`serviceAccount:${platform.agents.pubsub.email}`,
      },
      under(this),
    );
    return {
      ingestionDataSourceSettings: {
        confluentCloud: { ...confluentCloud, gcpServiceAccount: account.email },
      },
    };
  }
}
