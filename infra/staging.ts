/**
 * Where the files of rows lie until they are loaded, in a stack that loads them: a bucket of its own, because what is
 * loaded goes at once. No object is kept after it was deleted, neither as an older version nor for Google's seven days of
 * soft delete, which would cost as much as a week of all logs.
 */
import type * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import { STAGING_LIFECYCLE } from '../functions/load/lifecycle.ts';
import { type Naming, under } from './naming.ts';
import type { Platform } from './platform.ts';
import { newBucket } from './storage-bucket.ts';

export class Staging extends pulumi.ComponentResource {
  /** Null: rows are streamed, and always were. */
  readonly bucket: gcp.storage.Bucket | null;

  constructor(naming: Naming, platform: Platform, opts?: pulumi.ComponentResourceOptions) {
    super('logweir:infra:Staging', naming.name('staging'), {}, opts);
    this.bucket =
      naming.settings.rows === undefined
        ? null
        : newBucket(
            naming,
            'staging',
            {
              lifecycleRules: STAGING_LIFECYCLE.map(({ action, condition }) => ({
                action,
                condition: { age: condition.age, matchesPrefixes: condition.matchesPrefix },
              })),
              versioning: { enabled: false },
              softDeletePolicy: { retentionDurationSeconds: 0 },
            },
            { ...under(this, platform.ready), protect: naming.isProtected },
          );
    this.registerOutputs({});
  }
}
