/**
 * Buckets as all of ours are: one place, no public access, rights by bucket alone, encrypted, labelled; gone with their
 * objects when a dev stack is destroyed, and refused while they hold any in prod.
 */
import * as gcp from '@pulumi/gcp';
import type { CustomResourceOptions } from '@pulumi/pulumi';
import type { Naming } from './naming.ts';

type Rest = Omit<gcp.storage.BucketArgs, 'name' | 'location' | 'project'>;

export function newBucket(
  naming: Naming,
  what: string,
  rest: Rest,
  opts: CustomResourceOptions,
): gcp.storage.Bucket {
  const { project, region, kmsKey } = naming.settings;
  return new gcp.storage.Bucket(
    naming.name(what),
    {
      project,
      name: naming.bucket(what),
      location: region,
      uniformBucketLevelAccess: true,
      publicAccessPrevention: 'enforced',
      forceDestroy: !naming.isProtected,
      labels: { ...naming.labels },
      ...(kmsKey === undefined ? {} : { encryption: { defaultKmsKeyName: kmsKey } }),
      ...rest,
    },
    opts,
  );
}
