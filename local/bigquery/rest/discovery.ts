/**
 * The discovery document that `bq` asks for before anything else: the methods of this service, from which it builds
 * its calls. Written from the list below; messages are taken as they come, so the schemas are empty.
 * Source of the form: https://developers.google.com/discovery/v1/reference/apis
 */
import type { Route } from '../../http.ts';
import { route } from './request.ts';

/** Method, HTTP verb, path, further parameters of the query string (`*`: may repeat). */
const METHODS: Readonly<Record<string, readonly (readonly [string, string, string, string?])[]>> = {
  projects: [['list', 'GET', 'projects', 'maxResults pageToken']],
  datasets: [
    ['list', 'GET', 'projects/{+projectId}/datasets', 'all filter maxResults pageToken'],
    ['insert', 'POST', 'projects/{+projectId}/datasets', 'accessPolicyVersion'],
    ['get', 'GET', 'projects/{+projectId}/datasets/{+datasetId}', 'datasetView accessPolicyVersion'],
    ['patch', 'PATCH', 'projects/{+projectId}/datasets/{+datasetId}', 'updateMode accessPolicyVersion'],
    ['update', 'PUT', 'projects/{+projectId}/datasets/{+datasetId}', 'updateMode accessPolicyVersion'],
    ['delete', 'DELETE', 'projects/{+projectId}/datasets/{+datasetId}', 'deleteContents'],
  ],
  tables: [
    ['list', 'GET', 'projects/{+projectId}/datasets/{+datasetId}/tables', 'maxResults pageToken'],
    ['insert', 'POST', 'projects/{+projectId}/datasets/{+datasetId}/tables'],
    ['get', 'GET', 'projects/{+projectId}/datasets/{+datasetId}/tables/{+tableId}', 'selectedFields view'],
    ['patch', 'PATCH', 'projects/{+projectId}/datasets/{+datasetId}/tables/{+tableId}', 'autodetect_schema'],
    ['update', 'PUT', 'projects/{+projectId}/datasets/{+datasetId}/tables/{+tableId}', 'autodetect_schema'],
    ['delete', 'DELETE', 'projects/{+projectId}/datasets/{+datasetId}/tables/{+tableId}'],
  ],
  tabledata: [
    [
      'list',
      'GET',
      'projects/{+projectId}/datasets/{+datasetId}/tables/{+tableId}/data',
      'maxResults pageToken selectedFields startIndex formatOptions.useInt64Timestamp',
    ],
    ['insertAll', 'POST', 'projects/{+projectId}/datasets/{+datasetId}/tables/{+tableId}/insertAll'],
  ],
  jobs: [
    ['insert', 'POST', 'projects/{+projectId}/jobs'],
    ['get', 'GET', 'projects/{+projectId}/jobs/{+jobId}', 'location'],
    [
      'list',
      'GET',
      'projects/{+projectId}/jobs',
      'allUsers maxCreationTime maxResults minCreationTime pageToken parentJobId projection stateFilter*',
    ],
    ['cancel', 'POST', 'projects/{+projectId}/jobs/{+jobId}/cancel', 'location'],
    ['delete', 'DELETE', 'projects/{+projectId}/jobs/{+jobId}/delete', 'location'],
    ['query', 'POST', 'projects/{+projectId}/queries'],
    [
      'getQueryResults',
      'GET',
      'projects/{+projectId}/queries/{+jobId}',
      'location maxResults pageToken startIndex timeoutMs formatOptions.useInt64Timestamp',
    ],
  ],
  models: [['list', 'GET', 'projects/{+projectId}/datasets/{+datasetId}/models', 'maxResults pageToken']],
  routines: [
    [
      'list',
      'GET',
      'projects/{+projectId}/datasets/{+datasetId}/routines',
      'filter maxResults pageToken readMask',
    ],
    ['get', 'GET', 'projects/{+projectId}/datasets/{+datasetId}/routines/{+routineId}', 'readMask'],
    ['delete', 'DELETE', 'projects/{+projectId}/datasets/{+datasetId}/routines/{+routineId}'],
  ],
};

const UPLOAD = 'upload/bigquery/v2/projects/{+projectId}/jobs';

export function discoveryRoutes(): Route[] {
  return [
    route('GET', '/(?:\\$discovery/rest|discovery/v1/apis/bigquery/v2/rest)', ({ request }) =>
      discoveryDocument(`http://${request.headers.host ?? '127.0.0.1'}/`),
    ),
    route('GET', '/projects/{projectId}/datasets/{datasetId}/models', () => ({})),
  ];
}

/** The document for a service at `rootUrl`. */
function discoveryDocument(rootUrl: string) {
  const resources = Object.entries(METHODS).map(([resource, methods]) => [
    resource,
    { methods: Object.fromEntries(methods.map((method) => [method[0], methodJson(resource, method)])) },
  ]);
  return {
    kind: 'discovery#restDescription',
    discoveryVersion: 'v1',
    id: 'bigquery:v2',
    name: 'bigquery',
    version: 'v2',
    title: 'BigQuery API',
    protocol: 'rest',
    rootUrl,
    servicePath: 'bigquery/v2/',
    baseUrl: `${rootUrl}bigquery/v2/`,
    basePath: '/bigquery/v2/',
    batchPath: 'batch/bigquery/v2',
    parameters: {
      alt: { type: 'string', location: 'query' },
      fields: { type: 'string', location: 'query' },
      key: { type: 'string', location: 'query' },
      prettyPrint: { type: 'boolean', location: 'query' },
      quotaUser: { type: 'string', location: 'query' },
    },
    schemas: { Message: { id: 'Message', type: 'object', additionalProperties: { type: 'any' } } },
    resources: Object.fromEntries(resources),
  };
}

function methodJson(
  resource: string,
  [name, httpMethod, path, query = '']: readonly [string, string, string, string?],
) {
  const inPath = [...path.matchAll(/\{\+(\w+)\}/g)].map(([, parameter = '']) => parameter);
  const parameters = Object.fromEntries([
    ...inPath.map((parameter) => [parameter, { type: 'string', location: 'path', required: true }]),
    ...query.split(' ').filter(Boolean).map(queryParameter),
  ]);
  const body = httpMethod === 'POST' || httpMethod === 'PUT' || httpMethod === 'PATCH';
  return {
    id: `bigquery.${resource}.${name}`,
    path,
    flatPath: path,
    httpMethod,
    parameters,
    parameterOrder: inPath,
    ...(body ? { request: { $ref: 'Message' } } : {}),
    response: { $ref: 'Message' },
    ...(resource === 'jobs' && name === 'insert' ? mediaUpload : {}),
  };
}

function queryParameter(text: string): readonly [string, object] {
  const name = text.replace('*', '');
  const type = /^(maxResults|timeoutMs|accessPolicyVersion)$/.test(name) ? 'integer' : 'string';
  return [name, { type, location: 'query', ...(text.endsWith('*') ? { repeated: true } : {}) }];
}

const mediaUpload = {
  supportsMediaUpload: true,
  mediaUpload: {
    accept: ['*/*'],
    protocols: {
      simple: { multipart: true, path: `/${UPLOAD}` },
      resumable: { multipart: true, path: `/resumable/${UPLOAD}` },
    },
  },
};
