/**
 * OPTIONS(…) of tables, views, schemas and columns. Options that change how BigQuery stores or shows a table and
 * nothing that is here are taken and left; names that BigQuery does not know are refused.
 * Source: GoogleSQL "Data definition language", option lists.
 */

import type { OptionTree } from '../parse/statement-tree.ts';
import type { Expression } from '../parse/tree.ts';
import type { ColumnSpec, SqlError, TableOptions } from '../statement.ts';
import { parseTimestamp } from './literal.ts';
import type { Session } from './session.ts';

interface Given {
  readonly option: OptionTree;
  readonly session: Session;
}

function wrongType(given: Given, type: string): SqlError {
  const { option, session } = given;
  return session.failures.invalid(`Option value for ${option.name} must be ${type}`, option.value.at);
}

const isNullNode = (node: Expression): boolean => node.kind === 'null';

function text(given: Given): string | null {
  const { value } = given.option;
  if (isNullNode(value)) return null;
  if (value.kind !== 'string') throw wrongType(given, 'of type STRING');
  return value.text;
}

function bool(given: Given): boolean | null {
  const { value } = given.option;
  if (isNullNode(value)) return null;
  if (value.kind !== 'boolean') throw wrongType(given, 'of type BOOL');
  return value.value;
}

/** Days, as a number with or without fraction. */
function days(given: Given): number | null {
  const { value } = given.option;
  if (isNullNode(value)) return null;
  if (value.kind !== 'integer' && value.kind !== 'float') throw wrongType(given, 'a literal number of days');
  return Math.round(Number(value.text) * 86_400_000);
}

/** A TIMESTAMP literal, or CURRENT_TIMESTAMP() moved by an interval. */
function instant(given: Given): number | null {
  const { option, session } = given;
  const ms = instantOf(option.value, session);
  if (ms === undefined) {
    throw session.failures.unsupported(
      `option ${option.name} that is neither a TIMESTAMP literal nor CURRENT_TIMESTAMP() moved by an interval`,
      option.value.at,
    );
  }
  return ms;
}

function instantOf(node: Expression, session: Session): number | null | undefined {
  if (isNullNode(node)) return null;
  if (node.kind === 'typed' && node.type === 'TIMESTAMP') return literalMs(node.text);
  if (node.kind === 'string') return literalMs(node.text);
  if (node.kind !== 'call') return undefined;
  const name = node.name.join('.');
  if (name === 'CURRENT_TIMESTAMP') return session.context.currentTimestampMs ?? Date.now();
  if (name !== 'TIMESTAMP_ADD' && name !== 'TIMESTAMP_SUB') return undefined;
  const [from, by] = node.args.map((arg) => arg.value);
  const start = from && instantOf(from, session);
  if (typeof start !== 'number' || by?.kind !== 'interval' || by.value.kind !== 'integer') return undefined;
  const unit = unitMs[by.unit];
  return unit === undefined
    ? undefined
    : start + (name === 'TIMESTAMP_ADD' ? 1 : -1) * unit * Number(by.value.text);
}

const unitMs: Readonly<Record<string, number>> = {
  MILLISECOND: 1,
  SECOND: 1_000,
  MINUTE: 60_000,
  HOUR: 3_600_000,
  DAY: 86_400_000,
};

function literalMs(source: string): number | undefined {
  const plain = /^TIMESTAMPTZ '(.*)'$/.exec(parseTimestamp(source) ?? '')?.[1];
  if (plain === undefined) return undefined;
  const ms = Date.parse(plain.replace(' ', 'T'));
  return Number.isNaN(ms) ? undefined : ms;
}

/** `[("key", "value"), …]`. */
function labels(given: Given): Readonly<Record<string, string>> | null {
  const { value } = given.option;
  if (isNullNode(value)) return null;
  if (value.kind !== 'array') throw wrongType(given, 'an array of STRUCT<STRING, STRING>');
  const pairs = value.items.map((item): [string, string] => {
    const [key, one] = item.kind === 'struct' ? item.fields.map((field) => field.value) : [];
    if (key?.kind !== 'string' || one?.kind !== 'string')
      throw wrongType(given, 'an array of STRUCT<STRING, STRING>');
    return [key.text, one.text];
  });
  return Object.fromEntries(pairs);
}

/** `INTERVAL "4:0:0" HOUR TO SECOND`, `INTERVAL 4 HOUR`: kept as written. */
function staleness(given: Given): string | null {
  const { value } = given.option;
  if (isNullNode(value)) return null;
  if (value.kind !== 'interval') throw wrongType(given, 'of type INTERVAL');
  const amount = value.value.kind === 'string' || value.value.kind === 'integer' ? value.value.text : '';
  return `${amount} ${value.unit}${value.to === null ? '' : ` TO ${value.to}`}`;
}

type Reader = (given: Given) => TableOptions;

const readers: Readonly<Record<string, Reader>> = {
  description: (given) => ({ description: text(given) }),
  friendly_name: (given) => ({ friendlyName: text(given) }),
  labels: (given) => ({ labels: labels(given) }),
  require_partition_filter: (given) => ({ requirePartitionFilter: bool(given) }),
  expiration_timestamp: (given) => ({ expirationMs: instant(given) }),
  partition_expiration_days: (given) => ({ partitionExpirationMs: days(given) }),
  default_table_expiration_days: (given) => ({ defaultTableExpirationMs: days(given) }),
  default_partition_expiration_days: (given) => ({ defaultPartitionExpirationMs: days(given) }),
  location: (given) => ({ location: text(given) }),
  max_staleness: (given) => ({ maxStaleness: staleness(given) }),
};

/** Known to BigQuery, without meaning on one machine. */
const left = new Set(
  `kms_key_name default_kms_key_name default_rounding_mode enable_change_history enable_fine_grained_mutations
  max_time_travel_hours storage_billing_model is_case_insensitive is_primary primary_replica tags privacy_policy
  enable_refresh refresh_interval_minutes allow_non_incremental_definition`.split(/\s+/),
);

export function tableOptions(options: readonly OptionTree[], session: Session): TableOptions {
  const read = options.map((option) => {
    const one = Object.hasOwn(readers, option.name) ? readers[option.name] : undefined;
    if (one) return one({ option, session });
    if (left.has(option.name)) return {};
    throw session.failures.invalid(`Unknown option: ${option.name}`, option.at);
  });
  return Object.assign({}, ...read) as TableOptions;
}

/** A column's description and policy tags. */
export function columnOptions(
  options: readonly OptionTree[],
  session: Session,
): Pick<ColumnSpec, 'description' | 'policyTags'> {
  let description: string | null = null;
  for (const option of options) {
    if (option.name === 'description') description = text({ option, session });
    else if (option.name !== 'rounding_mode' && option.name !== 'data_policies')
      throw session.failures.invalid(`Unknown option: ${option.name}`, option.at);
  }
  return description === null ? {} : { description };
}
