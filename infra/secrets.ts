/**
 * Secrets: one of Secret Manager for each that the stack's configuration has, readable by the functions that use it
 * alone. The value stays encrypted in Pulumi's state. A new value is a new version, and the functions that read it are
 * deployed again with it.
 */
import * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import { type FunctionName, SECRETS, type SecretName } from './config.ts';
import { type Identities, memberOf } from './identities.ts';
import { type Naming, under } from './naming.ts';
import type { Platform } from './platform.ts';

export type SecretValues = Readonly<Partial<Record<SecretName, pulumi.Output<string>>>>;

/** A secret as a function finds it in its environment. */
export interface SecretEnv {
  readonly key: string;
  readonly projectId: string;
  readonly secret: pulumi.Output<string>;
  readonly version: pulumi.Output<string>;
}

export class Secrets extends pulumi.ComponentResource {
  private readonly envs = new Map<FunctionName, SecretEnv[]>();
  private readonly grants = new Map<FunctionName, pulumi.Resource[]>();

  constructor(
    naming: Naming,
    args: { readonly values: SecretValues; readonly platform: Platform; readonly identities: Identities },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super('logweir:infra:Secrets', naming.name('secrets'), {}, opts);
    const { project, region, kmsKey } = naming.settings;
    for (const [name, value] of Object.entries(args.values) as [SecretName, pulumi.Output<string>][]) {
      const { env, readers } = SECRETS[name];
      const secretId = naming.name(name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`));
      const secret = new gcp.secretmanager.Secret(
        secretId,
        {
          project,
          secretId,
          labels: { ...naming.labels },
          replication: {
            userManaged: {
              replicas: [
                {
                  location: region,
                  ...(kmsKey === undefined ? {} : { customerManagedEncryption: { kmsKeyName: kmsKey } }),
                },
              ],
            },
          },
        },
        under(this, args.platform.ready),
      );
      const { version } = new gcp.secretmanager.SecretVersion(
        secretId,
        { secret: secret.id, secretData: value },
        under(this),
      );
      for (const reader of readers) {
        const grant = new gcp.secretmanager.SecretIamMember(
          naming.name(`${reader}-reads-${name}`),
          {
            project,
            secretId: secret.secretId,
            role: 'roles/secretmanager.secretAccessor',
            member: memberOf(args.identities.of(reader)),
          },
          under(this),
        );
        this.add(reader, { key: env, projectId: project, secret: secret.secretId, version }, grant);
      }
    }
    this.registerOutputs({});
  }

  private add(reader: FunctionName, env: SecretEnv, grant: pulumi.Resource): void {
    this.envs.set(reader, [...this.envOf(reader), env]);
    this.grants.set(reader, [...this.grantsOf(reader), grant]);
  }

  envOf = (name: FunctionName): readonly SecretEnv[] => this.envs.get(name) ?? [];

  grantsOf = (name: FunctionName): readonly pulumi.Resource[] => this.grants.get(name) ?? [];
}
