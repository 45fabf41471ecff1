/**
 * What a deployment may set about our tables without touching their files: how long partitions are kept, and the
 * policy tag of personal columns. A column is personal where its description ends in "Personal data.".
 * Source: https://cloud.google.com/bigquery/docs/column-level-security; DDL cannot set policy tags, the REST API can.
 */
import type { Field, TableDefinition } from './table-definition.ts';

export interface TableSettings {
  /** Age at which a table's partitions are deleted, in ms, by table; a table that is not named keeps what it has. */
  readonly expirationMs?: Readonly<Record<string, number>> | undefined;
  /** Resource name of the policy tag of personal columns: projects/…/locations/…/taxonomies/…/policyTags/…. */
  readonly policyTag?: string | undefined;
}

const DAY_MS = 86_400_000;
const PERSONAL = /\bPersonal data\.$/;

/** Does the column hold data about people? */
export const isPersonal = ({ description }: Field): boolean => PERSONAL.test(description ?? '');

/** The definition with what is set; null: nothing is set about this table. */
export function withSettings(definition: TableDefinition, settings: TableSettings): TableDefinition | null {
  const { policyTag } = settings;
  const expirationMs = settings.expirationMs?.[definition.name];
  const days = expirationMs === undefined ? undefined : expirationMs / DAY_MS;
  if (days !== undefined && definition.partitionField === null) {
    throw new Error(`the table has no partitions that could be deleted after ${days} days`);
  }
  const tagged = policyTag !== undefined && definition.fields.some(isPersonal);
  if (days === undefined && !tagged) return null;
  return {
    ...definition,
    ...(tagged
      ? {
          fields: definition.fields.map((field) =>
            isPersonal(field) ? { ...field, policyTags: { names: [policyTag] } } : field,
          ),
        }
      : {}),
    options: {
      ...definition.options,
      ...(days === undefined ? {} : { partition_expiration_days: days }),
    },
  };
}

/** Throws an Error that names tables of the settings which are not ours. */
export function checkSettings(
  { expirationMs = {} }: TableSettings,
  tables: readonly { readonly name: string }[],
): void {
  const known = tables.map(({ name }) => name);
  for (const name of Object.keys(expirationMs)) {
    if (!known.includes(name))
      throw new Error(`no table ${name} that could expire; allowed: ${known.join(', ')}`);
  }
}
