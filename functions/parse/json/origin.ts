/** Which container, pod, file or process a wrapped line came from: lines of one origin may be parts of one event. */
import { isObject, type JsonObject, valueAt } from './object.ts';

const PLACES: readonly (readonly string[])[] = [
  ['kubernetes', 'namespace_name'],
  ['kubernetes', 'pod_name'],
  ['kubernetes', 'container_name'],
  ['docker', 'container_id'],
  ['container_id'],
  ['container_name'],
  ['resource', 'labels'],
  ['labels', 'k8s-pod/app'],
  ['logName'],
  ['log', 'file', 'path'],
  ['filename'],
  ['file'],
  ['path'],
  ['host'],
  ['tag'],
  ['fluentd_tag'],
];

/** A text that is the same for the records of one origin. */
export function originOf(object: JsonObject): string {
  let origin = '';
  for (const path of PLACES) {
    if (!Object.hasOwn(object, path[0]!)) continue;
    const value = valueAt(object, path);
    if (value !== undefined)
      origin += `${path[path.length - 1]}=${isObject(value) ? JSON.stringify(value) : String(value)} `;
  }
  return origin;
}
