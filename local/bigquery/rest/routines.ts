/**
 * Functions of datasets over the REST API: listed, shown, dropped. They are made by CREATE FUNCTION.
 * Source: https://cloud.google.com/bigquery/docs/reference/rest/v2/routines
 */
import type { Call, Route } from '../../http.ts';
import type { RoutineEntry } from '../catalogue/entry.ts';
import { dropRoutine, routineName } from '../catalogue/routine.ts';
import type { Warehouse } from '../engine/warehouse.ts';
import { notFound } from '../failure.ts';
import type { RoutineRef } from '../sql/statement.ts';
import { checkProject, paged, route } from './request.ts';

export function routineRoutes(warehouse: Warehouse): Route[] {
  const { catalogue } = warehouse;
  const base = '/projects/{projectId}/datasets/{datasetId}/routines';
  const at = (method: string, path: string, handle: (call: Call) => unknown): Route =>
    route(method, base + path, (call) => {
      checkProject(warehouse, call);
      return handle(call);
    });
  const refOf = ({ params }: Call): RoutineRef => ({
    projectId: params.projectId ?? '',
    datasetId: params.datasetId ?? '',
    routineId: params.routineId ?? '',
  });
  return [
    at('GET', '', (call) => {
      const { datasetId } = catalogue.dataset(call.params.datasetId ?? '');
      const { items, ...rest } = paged(call, catalogue.routines(datasetId));
      return { routines: items.map(resource), ...rest };
    }),
    at('GET', '/{routineId}', (call) => {
      const entry = catalogue.findRoutine(refOf(call));
      if (!entry) throw notFound(routineName(refOf(call)));
      return resource(entry);
    }),
    at('DELETE', '/{routineId}', async (call) => {
      await dropRoutine(catalogue, refOf(call), false);
      call.response.writeHead(204).end();
    }),
  ];
}

function resource({ ref, info, createdMs, modifiedMs }: RoutineEntry) {
  const { kind, body, description } = info;
  return {
    etag: `"${modifiedMs}"`,
    routineReference: ref,
    routineType: kind === 'TABLE_FUNCTION' ? 'TABLE_VALUED_FUNCTION' : kind,
    creationTime: String(createdMs),
    lastModifiedTime: String(modifiedMs),
    language: 'SQL',
    arguments: info.arguments.map(({ name, type }) => ({
      name,
      ...(type === null ? { argumentKind: 'ANY_TYPE' } : { dataType: { typeKind: type } }),
    })),
    definitionBody: body,
    ...(description ? { description } : {}),
  };
}
