/**
 * Cloud Logging's LogEntry in JSON, as a sink publishes it, and the special fields of its structured payloads.
 * Sources: https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry,
 * https://cloud.google.com/logging/docs/structured-logging#special-payload-fields
 */
import type { Failure } from '../../ingest/failure.ts';
import { addFormat, addValue, beginLayer, type Draft, SERVICE_RANK, setService } from '../draft.ts';
import { take } from '../take.ts';
import { isDeeper, isObject, type JsonObject, readMembers, tooDeep, valueAt } from './object.ts';

const PAYLOADS = ['textPayload', 'jsonPayload', 'protoPayload'] as const;
const OF_ENTRY = ['logName', 'insertId', 'resource', 'receiveTimestamp'] as const;

/** Whether an object is a LogEntry: a payload, and something that only LogEntry has. */
export const isCloudLogging = (object: JsonObject): boolean =>
  (PAYLOADS.some((name) => name in object) || 'httpRequest' in object) &&
  OF_ENTRY.some((name) => name in object);

const OWN = new Set<string>(['textPayload', 'jsonPayload', 'protoPayload', 'resource', 'labels', 'logName']);

/** Where a resource's labels name the service, surest first. */
const SERVICE_LABELS = [
  'service_name',
  'function_name',
  'job_name',
  'module_id',
  'service',
  'container_name',
] as const;
const INSTANCE_LABELS = ['pod_name', 'instance_id', 'node_name', 'instance'] as const;
/** Labels of an entry that name its application: Kubernetes' pod labels as GKE hands them on. */
const APP_LABELS = [
  'k8s-pod/app_kubernetes_io/name',
  'k8s-pod/app',
  'k8s-pod/k8s-app',
  'service.name',
  'service',
] as const;

export function readCloudLogging(draft: Draft, object: JsonObject, maxDepth: number): Failure | null {
  for (const name in object) if (isDeeper(object[name], maxDepth - 1)) return tooDeep(maxDepth);
  addFormat(draft, 'cloud_logging');
  const { textPayload, jsonPayload, protoPayload, resource, labels, logName } = object;
  if (isObject(resource)) readResource(draft, resource);
  if (isObject(labels)) readLabels(draft, labels);
  const failure = readMembers(draft, object, maxDepth, OWN);
  if (failure !== null) return failure;
  if (logName !== undefined) readLogName(draft, logName);
  if (textPayload !== undefined && !take(draft, 'message', 'textPayload', textPayload))
    addValue(draft, 'textPayload', textPayload);
  if (protoPayload !== undefined) readAudit(draft, protoPayload);
  if (isObject(jsonPayload)) {
    beginLayer(draft);
    const refused = readMembers(draft, jsonPayload, maxDepth - 1);
    if (refused !== null) return refused;
  } else if (jsonPayload !== undefined) addValue(draft, 'jsonPayload', jsonPayload);
  if (!draft.messageKnown) readRequest(draft, object.httpRequest);
  return null;
}

/** A request log says what was asked for in its request alone. */
function readRequest(draft: Draft, request: unknown): void {
  if (!isObject(request)) return;
  const { requestMethod, requestUrl } = request;
  const call = [requestMethod, requestUrl].filter((part) => typeof part === 'string').join(' ');
  if (call !== '') take(draft, 'message', 'httpRequest', call);
}

function readLabels(draft: Draft, labels: JsonObject): void {
  for (const name of APP_LABELS) {
    const value = labels[name];
    if (typeof value === 'string' && setService(draft, value, SERVICE_RANK.application, '')) break;
  }
  const host = labels['compute.googleapis.com/resource_name'] ?? labels.instanceId;
  if (typeof host === 'string') take(draft, 'instance', '', host);
  for (const name in labels) addValue(draft, name, labels[name]);
  beginLayer(draft);
}

function readResource(draft: Draft, resource: JsonObject): void {
  const { labels } = resource;
  if (isObject(labels)) {
    for (const name of SERVICE_LABELS) {
      const rank = name === 'container_name' ? SERVICE_RANK.container : SERVICE_RANK.service;
      const value = labels[name];
      if (typeof value === 'string' && value !== '' && setService(draft, value, rank, '')) break;
    }
    for (const name of INSTANCE_LABELS) if (take(draft, 'instance', name, labels[name])) break;
  }
  addValue(draft, 'resource', resource);
}

/** The last part of a log's name is its program: `projects/p/logs/nginx-access`. */
function readLogName(draft: Draft, logName: unknown): void {
  addValue(draft, 'logName', logName);
  if (typeof logName !== 'string') return;
  const last = logName.slice(logName.lastIndexOf('/') + 1);
  setService(draft, last.replaceAll(/%2[Ff]/g, '/'), SERVICE_RANK.program, '');
}

/** An audit log tells what was called, and how it ended. */
function readAudit(draft: Draft, payload: unknown): void {
  addValue(draft, 'protoPayload', payload);
  if (!isObject(payload)) return;
  const { serviceName, methodName, status, authenticationInfo } = payload;
  if (typeof serviceName === 'string') setService(draft, serviceName, SERVICE_RANK.application, '');
  const problem = isObject(status) ? status.message : undefined;
  const call = [methodName, payload.resourceName].filter((part) => typeof part === 'string').join(' ');
  take(draft, 'message', 'protoPayload', typeof problem === 'string' && problem !== '' ? problem : call);
  if (isObject(status) && typeof status.code === 'number' && status.code !== 0)
    take(draft, 'error_code', 'protoPayload.status.code', status.code);
  const principal = isObject(authenticationInfo) ? authenticationInfo.principalEmail : undefined;
  take(draft, 'user_id', 'protoPayload.authenticationInfo.principalEmail', principal);
  const requestStatus = valueAt(payload, ['status', 'code']);
  if (requestStatus === undefined) take(draft, 'http_status', 'protoPayload.status', payload.httpStatus);
}
