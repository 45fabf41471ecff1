/** Names, labels and protection that the parts of a stack share. */
import type { CustomResourceOptions, Resource } from '@pulumi/pulumi';
import type { InfraSettings } from './config.ts';

export interface Naming {
  readonly settings: InfraSettings;
  /** `logweir-archive`: the name of a resource within the project. */
  name(what: string): string;
  /** Names of buckets are shared by all of the world: the project comes first. */
  bucket(what: string): string;
  readonly labels: Readonly<Record<string, string>>;
  /** In prod, what holds data is destroyed only after `pulumi state unprotect`. */
  readonly isProtected: boolean;
  /** BigQuery and Firestore take no dashes in names of ours. */
  readonly dataset: string;
}

export function namingOf(settings: InfraSettings): Naming {
  const { prefix, project, environment, costOwner } = settings;
  return {
    settings,
    name: (what) => `${prefix}-${what}`,
    bucket: (what) => `${project}-${prefix}-${what}`,
    labels: { ...settings.labels, app: 'logweir', environment, 'cost-owner': costOwner },
    isProtected: environment === 'prod',
    dataset: prefix.replaceAll('-', '_'),
  };
}

/** Options of a part's resources: children of the part, made after what they need. */
export const under = (parent: Resource, dependsOn: readonly Resource[] = []): CustomResourceOptions => ({
  parent,
  dependsOn: [...dependsOn],
});
