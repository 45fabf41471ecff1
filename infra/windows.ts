/**
 * The state of windows, of detection and of alerting: one Firestore database, whose documents Firestore removes by their
 * TTL fields and whose large or marching fields are not indexed, and the Cloud Tasks queue of the window timers.
 */
import * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import { ALERT_COLLECTIONS } from '../functions/alert/collections.ts';
import { DETECT_COLLECTIONS } from '../functions/detect/collections.ts';
import { WINDOW_COLLECTIONS } from '../functions/window/collections.ts';
import { type Naming, under } from './naming.ts';
import type { Platform } from './platform.ts';

export class Windows extends pulumi.ComponentResource {
  readonly database: gcp.firestore.Database;
  readonly queue: gcp.cloudtasks.Queue;

  constructor(naming: Naming, platform: Platform, opts?: pulumi.ComponentResourceOptions) {
    super('logweir:infra:Windows', naming.name('windows'), {}, opts);
    const { project, region, kmsKey } = naming.settings;
    const after = under(this, platform.ready);
    this.database = new gcp.firestore.Database(
      naming.name('state'),
      {
        project,
        name: naming.name('state'),
        locationId: region,
        type: 'FIRESTORE_NATIVE',
        concurrencyMode: 'OPTIMISTIC',
        deleteProtectionState: naming.isProtected
          ? 'DELETE_PROTECTION_ENABLED'
          : 'DELETE_PROTECTION_DISABLED',
        // Windows are made again from the archive, and reading the past of a busy state costs as much as the state.
        pointInTimeRecoveryEnablement: 'POINT_IN_TIME_RECOVERY_DISABLED',
        ...(kmsKey === undefined ? {} : { cmekConfig: { kmsKeyName: kmsKey } }),
        // The provider would otherwise forget the database on destroy and leave it there.
        deletionPolicy: naming.isProtected ? 'ABANDON' : 'DELETE',
      },
      { ...after, protect: naming.isProtected },
    );
    this.makeFields(naming);
    this.queue = new gcp.cloudtasks.Queue(
      naming.name('window-timers'),
      {
        project,
        location: region,
        name: naming.name('window-timers'),
        // A backlog of windows fires in turns: more at once only makes each of them slower.
        rateLimits: { maxDispatchesPerSecond: 500, maxConcurrentDispatches: 32 },
        retryConfig: { maxAttempts: -1, minBackoff: '0.200s', maxBackoff: '30s', maxDoublings: 8 },
      },
      after,
    );
    this.registerOutputs({ database: this.database.name, queue: this.queue.name });
  }

  /** One after the other: Firestore refuses changes of a database's fields that come at the same time. */
  private makeFields(naming: Naming): void {
    let before: pulumi.Resource[] = [];
    for (const { collection, ttlField, unindexed } of [
      ...WINDOW_COLLECTIONS,
      ...DETECT_COLLECTIONS,
      ...ALERT_COLLECTIONS,
    ]) {
      for (const field of unindexed) {
        const made = new gcp.firestore.Field(
          naming.name(`${collection}-${field}`),
          {
            project: naming.settings.project,
            database: this.database.name,
            collection,
            field,
            indexConfig: {},
            ...(field === ttlField ? { ttlConfig: {} } : {}),
          },
          under(this, before),
        );
        before = [made];
      }
    }
  }
}
