/**
 * Removes what has expired: tables past their expiration, and rows of partitions older than their table keeps them.
 * Looks at the start and every ten minutes; BigQuery too removes some time after, not at the instant.
 * Source: https://cloud.google.com/bigquery/docs/managing-partitioned-tables#partition-expiration
 */

import type { Warehouse } from '../engine/warehouse.ts';
import { columnType, duckdbType, quoteName } from '../sql/type.ts';
import { duckdbName } from './catalogue.ts';
import { dropTable } from './definition.ts';
import type { TableEntry } from './entry.ts';
import { PARTITION_TIME } from './schema.ts';

const EVERY_MS = 10 * 60_000;

/** Starts; returns what stops it. */
export function keepExpiring(warehouse: Warehouse): () => void {
  let cancel: () => void = () => undefined;
  let stopped = false;
  const look = async (): Promise<void> => {
    await removeExpired(warehouse).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      console.error(
        JSON.stringify({ severity: 'WARNING', stage: 'local-bigquery', task: 'expiry', error: message }),
      );
    });
    if (!stopped) cancel = warehouse.timers.after(EVERY_MS, () => void look());
  };
  cancel = warehouse.timers.after(0, () => void look());
  return () => {
    stopped = true;
    cancel();
  };
}

/** Removes what has expired by now. */
async function removeExpired(warehouse: Warehouse): Promise<void> {
  const { catalogue, timers } = warehouse;
  const nowMs = timers.now();
  for (const { datasetId } of catalogue.datasets()) {
    for (const entry of catalogue.tables(datasetId)) {
      if (entry.expirationMs !== undefined && entry.expirationMs <= nowMs)
        await dropTable(catalogue, entry.ref);
      else await removePartitions(warehouse, entry, nowMs);
    }
  }
}

async function removePartitions({ database }: Warehouse, entry: TableEntry, nowMs: number): Promise<void> {
  const { partitioning, partitionExpirationMs } = entry;
  if (!partitioning || partitionExpirationMs === undefined || entry.kind !== 'TABLE' || entry.external)
    return;
  const field = partitioning.field ?? PARTITION_TIME;
  const column = entry.columns.find(({ name }) => name.toLowerCase() === field.toLowerCase());
  const type = column ? duckdbType(columnType(column)) : 'TIMESTAMPTZ';
  // A partition goes as a whole, when its start is as old as that.
  const unit = partitioning.type;
  const start = `date_trunc('${unit}', make_timestamp($1::BIGINT * 1000))`;
  const end = `CAST(${start} + INTERVAL 1 ${unit} AS ${type})`;
  const sql = `DELETE FROM ${duckdbName(entry.ref)} WHERE ${quoteName(field)} < ${end}`;
  await database.write(async (connection) => {
    await connection.run(sql, [String(nowMs - partitionExpirationMs)]);
  });
}
