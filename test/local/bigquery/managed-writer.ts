/** Google's managed writer over a local service: JSON rows, streams of all types. */

import type { BigQuery } from '@google-cloud/bigquery';
import { adapt, managedwriter } from '@google-cloud/bigquery-storage';
import { credentials } from '@grpc/grpc-js';
import { DATASET, PROJECT } from './client.ts';

export type WriterClient = InstanceType<typeof managedwriter.WriterClient>;
type Descriptor = ConstructorParameters<typeof managedwriter.JSONWriter>[0]['protoDescriptor'];

export const writerClientOf = ({ writePort }: { readonly writePort: number }): WriterClient =>
  new managedwriter.WriterClient({
    projectId: PROJECT,
    apiEndpoint: '127.0.0.1',
    port: writePort,
    sslCreds: credentials.createInsecure(),
  });

export const tablePath = (table: string): string => `projects/${PROJECT}/datasets/${DATASET}/tables/${table}`;

/** The descriptor that Google's adapter makes of the table as the REST API shows it. */
export async function descriptorOf(client: BigQuery, table: string, changes = false): Promise<Descriptor> {
  const [{ schema }] = await client.dataset(DATASET).table(table).getMetadata();
  const storage = adapt.convertBigQuerySchemaToStorageTableSchema(schema);
  const options = changes ? [adapt.withChangeType(), adapt.withChangeSequenceNumber()] : [];
  return adapt.convertStorageSchemaToProto2Descriptor(storage, 'root', ...options);
}

/** A writer of JSON rows to the default stream. */
export async function jsonWriter(
  { client, writer }: { readonly client: BigQuery; readonly writer: WriterClient },
  table: string,
  changes = false,
): Promise<InstanceType<typeof managedwriter.JSONWriter>> {
  const connection = await writer.createStreamConnection({
    streamId: managedwriter.DefaultStream,
    destinationTable: tablePath(table),
  });
  connection.onConnectionError(() => {});
  const protoDescriptor = await descriptorOf(client, table, changes);
  return new managedwriter.JSONWriter({ connection, protoDescriptor });
}
