/**
 * The grants of the functions, made from the table of access.ts: each on the one resource that it is for. Functions are
 * deployed after all of their own; those on a function are given when that one is there.
 */
import * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import { CUSTOM_ROLES, type Grant, grantsOf, type Target } from './access.ts';
import type { Archive } from './archive.ts';
import type { FunctionName } from './config.ts';
import { type Identities, memberOf } from './identities.ts';
import type { Ingest } from './ingest.ts';
import type { Models } from './models.ts';
import { type Naming, under } from './naming.ts';
import type { Platform } from './platform.ts';
import type { Staging } from './staging.ts';
import type { Warehouse } from './warehouse.ts';
import type { Windows } from './windows.ts';

export interface GrantedParts {
  readonly platform: Platform;
  readonly identities: Identities;
  readonly ingest: Ingest;
  readonly archive: Archive;
  readonly staging: Staging;
  readonly windows: Windows;
  readonly warehouse: Warehouse;
  readonly models: Models;
}

interface Given {
  readonly name: string;
  readonly role: pulumi.Input<string>;
  readonly member: pulumi.Output<string>;
}

export class Grants extends pulumi.ComponentResource {
  private readonly made = new Map<FunctionName, pulumi.Resource[]>();
  private readonly naming: Naming;
  private readonly parts: GrantedParts;
  private readonly names: readonly FunctionName[];
  private drift: gcp.cloudfunctionsv2.Function | null = null;
  private readonly roles: ReadonlyMap<string, gcp.projects.IAMCustomRole>;

  constructor(
    naming: Naming,
    names: readonly FunctionName[],
    parts: GrantedParts,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super('logweir:infra:Grants', naming.name('grants'), {}, opts);
    this.naming = naming;
    this.parts = parts;
    this.names = names;
    const { project } = naming.settings;
    const all = names.flatMap((name) => grantsOf(name, naming.settings));
    this.roles = new Map(
      Object.entries(CUSTOM_ROLES)
        .filter(([name]) => all.some(({ role }) => role === `custom:${name}`))
        .map(([name, { title, permissions }]) => [
          `custom:${name}`,
          new gcp.projects.IAMCustomRole(
            naming.name(name),
            { project, roleId: `${naming.dataset}_${name}`, title, permissions: [...permissions] },
            under(this, parts.platform.apis),
          ),
        ]),
    );
    for (const name of names)
      this.made.set(
        name,
        grantsOf(name, naming.settings)
          .filter(({ on }) => on !== 'drift function')
          .map((grant) => this.give(name, grant)),
      );
    this.registerOutputs({});
  }

  /** What is granted on the function drift: before those are deployed that call it. */
  onDrift(drift: gcp.cloudfunctionsv2.Function): void {
    this.drift = drift;
    for (const name of this.names) {
      const late = grantsOf(name, this.naming.settings).filter(({ on }) => on === 'drift function');
      this.made.set(name, [...this.of(name), ...late.map((grant) => this.give(name, grant))]);
    }
  }

  of = (name: FunctionName): readonly pulumi.Resource[] => this.made.get(name) ?? [];

  private give(name: FunctionName, { role, on }: Grant): pulumi.Resource {
    const short = role.replace(/^(roles\/|custom:)/, '').replaceAll('.', '-');
    return this.on(on, {
      name: this.naming.name(`${name}-${short}-${on.replaceAll(' ', '-')}`),
      role: this.roles.get(role)?.name ?? role,
      member: memberOf(this.parts.identities.of(name)),
    });
  }

  private on(target: Target, { name, role, member }: Given): pulumi.Resource {
    const { project, region } = this.naming.settings;
    const { ingest, archive, staging, windows, warehouse, models, identities } = this.parts;
    const opts = under(this);
    const onBucket = (bucket: gcp.storage.Bucket | null): pulumi.Resource =>
      new gcp.storage.BucketIAMMember(name, { bucket: there(bucket, target).name, role, member }, opts);
    const onTopic = (topic: gcp.pubsub.Topic): pulumi.Resource =>
      new gcp.pubsub.TopicIAMMember(name, { project, topic: topic.name, role, member }, opts);
    const onAccount = (account: gcp.serviceaccount.Account | null): pulumi.Resource =>
      new gcp.serviceaccount.IAMMember(
        name,
        { serviceAccountId: there(account, target).name, role, member },
        opts,
      );
    switch (target) {
      case 'project':
        return new gcp.projects.IAMMember(name, { project, role, member }, opts);
      case 'firestore database':
        return new gcp.projects.IAMMember(
          name,
          {
            ...{ project, role, member },
            condition: {
              title: 'this database alone',
              expression: pulumi.interpolate`resource.name == "projects/${project}/databases/${windows.database.name}"`,
            },
          },
          opts,
        );
      case 'timer queue':
        return new gcp.cloudtasks.QueueIamMember(
          name,
          { project, location: region, name: windows.queue.name, role, member },
          opts,
        );
      case 'timer identity':
        return onAccount(identities.callers.timer);
      case 'training identity':
        return onAccount(identities.training);
      case 'dataset':
        return new gcp.bigquery.DatasetIamMember(
          name,
          { project, datasetId: warehouse.dataset.datasetId, role, member },
          opts,
        );
      case 'connection':
        return new gcp.bigquery.ConnectionIamMember(
          name,
          { project, location: region, connectionId: warehouse.connection.connectionId, role, member },
          opts,
        );
      case 'log topic':
        return onTopic(ingest.logs);
      case 'verdict topic':
        return onTopic(ingest.verdicts);
      case 'endpoint':
        return new gcp.vertex.AiEndpointIamMember(
          name,
          { project, location: region, endpoint: there(models.endpoint, target).name, role, member },
          opts,
        );
      case 'drift function':
        return new gcp.cloudrunv2.ServiceIamMember(
          name,
          { project, location: region, name: there(this.drift, target).name, role, member },
          opts,
        );
      case 'state bucket':
        return onBucket(models.state);
      case 'archive bucket':
        return onBucket(archive.bucket);
      case 'staging bucket':
        return onBucket(staging.bucket);
      case 'model bucket':
        return onBucket(models.bucket);
    }
  }
}

function there<T>(resource: T | null, target: Target): T {
  if (resource === null)
    throw new Error(`this stack has no ${target}, and a function is granted a role on it`);
  return resource;
}
