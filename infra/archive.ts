/**
 * The archive: the bucket of raw messages and of the cold tier with its lifecycle, the same rules as on the laptop, and
 * the subscription by which Pub/Sub writes every message there, without a function. It has no dead letter: while the
 * bucket cannot be written, messages wait in the subscription for seven days, and none is given up.
 */
import * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import { RAW_PREFIX } from '../functions/archive/layout.ts';
import type { Config } from '../functions/config.ts';
import { archiveRules } from './archive-rules.ts';
import { type Naming, under } from './naming.ts';
import type { Platform } from './platform.ts';
import { newBucket } from './storage-bucket.ts';

const WEEK = '604800s';
const DAY_S = 86_400;

export class Archive extends pulumi.ComponentResource {
  readonly bucket: gcp.storage.Bucket;
  readonly subscription: gcp.pubsub.Subscription;

  constructor(
    naming: Naming,
    args: {
      readonly topic: gcp.pubsub.Topic;
      readonly platform: Platform;
      readonly config: Pick<Config, 'archiveKeepMs' | 'tierAfterMs'>;
    },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super('logweir:infra:Archive', naming.name('archive'), {}, opts);
    const { project, retentionLock, archive } = naming.settings;
    const { platform } = args;
    this.bucket = newBucket(
      naming,
      'archive',
      {
        lifecycleRules: archiveRules(args.config, archive).map(({ action, condition }) => ({
          action,
          condition: { age: condition.age, matchesPrefixes: condition.matchesPrefix },
        })),
        ...(retentionLock === undefined
          ? {}
          : {
              retentionPolicy: {
                retentionPeriod: String(retentionLock.days * DAY_S),
                isLocked: retentionLock.lock,
              },
            }),
      },
      { ...under(this, platform.ready), protect: naming.isProtected },
    );
    const agent = pulumi.interpolate`serviceAccount:${platform.agents.pubsub.email}`;
    const grants = ['roles/storage.objectCreator', 'roles/storage.legacyBucketReader'].map(
      (role) =>
        new gcp.storage.BucketIAMMember(
          naming.name(`archive-pubsub-${role.split('.')[1]}`),
          { bucket: this.bucket.name, role, member: agent },
          under(this),
        ),
    );
    this.subscription = new gcp.pubsub.Subscription(
      naming.name('archive'),
      {
        project,
        name: naming.name('archive'),
        topic: args.topic.id,
        labels: { ...naming.labels },
        messageRetentionDuration: WEEK,
        expirationPolicy: { ttl: '' },
        ackDeadlineSeconds: 600,
        cloudStorageConfig: {
          bucket: this.bucket.name,
          filenamePrefix: RAW_PREFIX,
          filenameSuffix: '.avro',
          filenameDatetimeFormat: 'YYYY-MM-DD/hh_mm_ss',
          maxDuration: '300s',
          maxBytes: 1_000_000_000,
          avroConfig: { writeMetadata: true },
        },
      },
      under(this, grants),
    );
    this.registerOutputs({ bucket: this.bucket.name });
  }
}
