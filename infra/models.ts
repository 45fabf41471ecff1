/**
 * What the models need: the bucket of what functions keep, the registry of images, and, where the stack has models,
 * their bucket. Where they judge behind an endpoint of Vertex AI, that too: with `serving` the repository's models are
 * put there, else rules and baselines judge till somebody does. Where they judge in the functions, the functions bring
 * them along (bundle.ts), and the bucket has them for drift. What drift trains it deploys itself.
 */
import { createHash } from 'node:crypto';
import * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import { type Identities, memberOf } from './identities.ts';
import { modelSet } from './model-files.ts';
import { ModelStep } from './model-step.ts';
import { type Naming, under } from './naming.ts';
import type { Platform } from './platform.ts';
import { newBucket } from './storage-bucket.ts';

export class Models extends pulumi.ComponentResource {
  readonly state: gcp.storage.Bucket;
  readonly registry: gcp.artifactregistry.Repository;
  readonly bucket: gcp.storage.Bucket | null;
  readonly endpoint: gcp.vertex.AiEndpoint | null;

  constructor(
    naming: Naming,
    args: { readonly platform: Platform; readonly identities: Identities },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super('logweir:infra:Models', naming.name('models'), {}, opts);
    const { project, region, kmsKey, models } = naming.settings;
    const after = under(this, args.platform.ready);
    const kept = { ...after, protect: naming.isProtected };
    this.state = newBucket(naming, 'state', { versioning: { enabled: true } }, kept);
    this.registry = new gcp.artifactregistry.Repository(
      naming.name('images'),
      {
        project,
        location: region,
        repositoryId: naming.name('images'),
        format: 'DOCKER',
        description: 'Images of the functions and of the models',
        labels: { ...naming.labels },
        ...(kmsKey === undefined ? {} : { kmsKeyName: kmsKey }),
      },
      after,
    );
    this.bucket =
      models === 'none' ? null : newBucket(naming, 'models', { versioning: { enabled: true } }, kept);
    this.endpoint =
      models === 'endpoint'
        ? new gcp.vertex.AiEndpoint(
            naming.name('models'),
            {
              project,
              location: region,
              region,
              name: endpointNumber(naming.bucket('models')),
              displayName: naming.name('models'),
              labels: { ...naming.labels },
              ...(kmsKey === undefined ? {} : { encryptionSpec: { kmsKeyName: kmsKey } }),
            },
            // Retraining splits its traffic; a deployment must not take that back.
            { ...after, ignoreChanges: ['trafficSplit'] },
          )
        : null;
    this.grantTraining(naming, args.identities);
    this.deployFirst(naming, args.platform);
    this.registerOutputs({ state: this.state.name });
  }

  /** The models of the repository: their files, then, behind an endpoint, all of the deployment. */
  private deployFirst(naming: Naming, platform: Platform): void {
    const { project, region, models, serving, kmsKey } = naming.settings;
    if (this.bucket === null || (models === 'endpoint' && serving === undefined)) return;
    const { version, files } = modelSet();
    const folder = `models/${version}/model`;
    const objects = files.map(
      ({ name, path }) =>
        new gcp.storage.BucketObject(
          naming.name(`model-${name}`),
          {
            bucket: this.bucket!.name,
            name: `${folder}/${name}`,
            source: new pulumi.asset.FileAsset(path),
          },
          under(this),
        ),
    );
    if (serving === undefined || this.endpoint === null) return;
    const { image, ...bounds } = serving;
    new ModelStep(
      naming.name('serving'),
      {
        ...{ project, region, version, image, ...bounds, kmsKey: kmsKey ?? null, api: '' },
        endpoint: this.endpoint.name,
        artifactUri: pulumi.interpolate`gs://${this.bucket.name}/${folder}`,
      },
      under(this, [...objects, ...platform.ready]),
    );
  }

  /** A training reads its windows and writes its models, nothing else. */
  private grantTraining(naming: Naming, { training }: Identities): void {
    if (training === null || this.bucket === null) return;
    new gcp.storage.BucketIAMMember(
      naming.name('training-models'),
      { bucket: this.bucket.name, role: 'roles/storage.objectUser', member: memberOf(training) },
      under(this),
    );
    new gcp.artifactregistry.RepositoryIamMember(
      naming.name('training-images'),
      {
        project: naming.settings.project,
        location: naming.settings.region,
        repository: this.registry.name,
        role: 'roles/artifactregistry.reader',
        member: memberOf(training),
      },
      under(this),
    );
  }
}

/** Endpoints have numbers for names, of at most ten digits; the same stack gets the same. */
export const endpointNumber = (name: string): string =>
  String(1e9 + (createHash('sha256').update(name).digest().readUInt32BE() % 9e9));
