/** Datasets and projects of the REST API. Source: https://cloud.google.com/bigquery/docs/reference/rest/v2/datasets */
import { z } from 'zod';
import type { Call, Route } from '../../http.ts';
import { createDataset, dropDataset } from '../catalogue/definition.ts';
import type { DatasetEntry } from '../catalogue/entry.ts';
import { patched } from '../catalogue/options.ts';
import type { Warehouse } from '../engine/warehouse.ts';
import { int64Shape, parse, refuseSet } from '../jobs/shapes.ts';
import { checkProject, jsonBody, paged, route } from './request.ts';

const shape = z.looseObject({
  datasetReference: z.looseObject({ datasetId: z.string(), projectId: z.string().optional() }).optional(),
  location: z.string().optional(),
  description: z.string().nullish(),
  friendlyName: z.string().nullish(),
  labels: z.record(z.string(), z.string()).nullish(),
  defaultTableExpirationMs: int64Shape.nullish(),
  defaultPartitionExpirationMs: int64Shape.nullish(),
});

/** Kept by nobody here: asking for one is refused. */
const UNSUPPORTED = [
  'defaultEncryptionConfiguration',
  'externalDatasetReference',
  'isCaseInsensitive',
  'defaultCollation',
  'linkedDatasetSource',
];

export function datasetRoutes(warehouse: Warehouse): Route[] {
  const { catalogue, projectId, timers } = warehouse;
  const at = (method: string, path: string, handle: (call: Call) => unknown): Route =>
    route(method, path, (call) => {
      checkProject(warehouse, call);
      return handle(call);
    });
  const resource = (entry: DatasetEntry) => datasetResource(projectId, entry);
  const find = ({ params }: Call): DatasetEntry => catalogue.dataset(params.datasetId ?? '');
  const edit = async (call: Call, whole: boolean): Promise<unknown> => {
    const given = parse(shape, await jsonBody(call));
    refuseSet(given, UNSUPPORTED);
    const updated = await catalogue.change(async (change) => {
      const before = find(call);
      const { datasetId, location, createdMs } = before;
      const base: DatasetEntry = whole ? { datasetId, location, createdMs, modifiedMs: 0 } : before;
      const entry = { ...patched(base, settings(given)), modifiedMs: timers.now() };
      await change.putDataset(entry);
      return entry;
    });
    return resource(updated);
  };
  return [
    route('GET', '/projects', () => ({
      kind: 'bigquery#projectList',
      projects: [
        {
          kind: 'bigquery#project',
          id: projectId,
          numericId: '1',
          projectReference: { projectId },
          friendlyName: projectId,
        },
      ],
      totalItems: 1,
    })),
    at('GET', '/projects/{projectId}/datasets', (call) => {
      const { items, ...rest } = paged(call, catalogue.datasets().filter(labelFilter(call)));
      return {
        kind: 'bigquery#datasetList',
        datasets: items.map((entry) => listing(projectId, entry)),
        ...rest,
      };
    }),
    at('POST', '/projects/{projectId}/datasets', async (call) => {
      const given = parse(shape, await jsonBody(call));
      refuseSet(given, UNSUPPORTED);
      const nowMs = timers.now();
      const entry = patched<DatasetEntry>(
        {
          datasetId: given.datasetReference?.datasetId ?? '',
          location: given.location ?? warehouse.location,
          createdMs: nowMs,
          modifiedMs: nowMs,
        },
        settings(given),
      );
      await createDataset(catalogue, entry);
      return resource(entry);
    }),
    at('GET', '/projects/{projectId}/datasets/{datasetId}', (call) => resource(find(call))),
    at('PATCH', '/projects/{projectId}/datasets/{datasetId}', (call) => edit(call, false)),
    at('PUT', '/projects/{projectId}/datasets/{datasetId}', (call) => edit(call, true)),
    at('DELETE', '/projects/{projectId}/datasets/{datasetId}', async (call) => {
      const withTables = call.url.searchParams.get('deleteContents') === 'true';
      await dropDataset(catalogue, find(call).datasetId, withTables);
      call.response.writeHead(204).end();
    }),
  ];
}

function settings(given: z.infer<typeof shape>): {
  readonly [K in keyof DatasetEntry]?: DatasetEntry[K] | null;
} {
  const { description, friendlyName, labels, defaultTableExpirationMs, defaultPartitionExpirationMs } = given;
  const ms = (value: string | number | null | undefined) => (value == null ? value : Number(value) || null);
  return defined({
    description,
    friendlyName,
    labels,
    defaultTableExpirationMs: ms(defaultTableExpirationMs),
    defaultPartitionExpirationMs: ms(defaultPartitionExpirationMs),
  });
}

/** Without the keys whose value is undefined. */
export function defined<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** `filter=labels.key:value`, several separated by spaces. */
function labelFilter({
  url,
}: Call): (entry: { readonly labels?: Readonly<Record<string, string>> }) => boolean {
  const terms = [...(url.searchParams.get('filter') ?? '').matchAll(/labels\.([^:\s]+)(?::(\S+))?/g)];
  return ({ labels = {} }) =>
    terms.every(([, key = '', value]) => key in labels && (value === undefined || labels[key] === value));
}

function listing(projectId: string, entry: DatasetEntry) {
  const { datasetId, location, friendlyName, labels } = entry;
  return {
    kind: 'bigquery#dataset',
    id: `${projectId}:${datasetId}`,
    datasetReference: { datasetId, projectId },
    location,
    ...defined({ friendlyName, labels }),
  };
}

function datasetResource(projectId: string, entry: DatasetEntry) {
  const text = (ms: number | undefined) => (ms === undefined ? undefined : String(ms));
  return {
    ...listing(projectId, entry),
    etag: `"${entry.modifiedMs}"`,
    selfLink: `/bigquery/v2/projects/${projectId}/datasets/${entry.datasetId}`,
    creationTime: String(entry.createdMs),
    lastModifiedTime: String(entry.modifiedMs),
    type: 'DEFAULT',
    access: [{ role: 'OWNER', specialGroup: 'projectOwners' }],
    ...defined({
      description: entry.description,
      defaultTableExpirationMs: text(entry.defaultTableExpirationMs),
      defaultPartitionExpirationMs: text(entry.defaultPartitionExpirationMs),
    }),
  };
}
