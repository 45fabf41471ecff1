/**
 * The REST surface of Cloud Tasks v2 over a task service: queues and tasks by their paths.
 * Source: https://cloud.google.com/tasks/docs/reference/rest
 */
import { type Call, parseJsonObject, type Route, readBody } from '../http.ts';
import { formatQueue, formatTask, invalid } from './json.ts';
import type { Queue, Task } from './resource.ts';

/** A task of 1 MiB in base64 and its wrapping. */
const BODY_LIMIT_BYTES = 2 << 20;
const QUEUES_PAGE = 1000;
const TASKS_PAGE = 1000;

/** What the routes need of the service. Errors come as ApiError. */
export interface TaskApi {
  listQueues(parent: string): Queue[];
  getQueue(name: string): Queue;
  createQueue(parent: string, json: unknown): Queue;
  updateQueue(name: string, json: unknown): Queue;
  deleteQueue(name: string): undefined;
  purgeQueue(name: string): Queue;
  setState(name: string, state: Queue['state']): Queue;
  listTasks(queueName: string): Task[];
  getTask(name: string): Task;
  createTask(queueName: string, json: unknown): Task;
  deleteTask(name: string): undefined;
  runTask(name: string): Task;
}

const LOCATION = '(?<location>projects/[^/]+/locations/[^/]+)';
const QUEUE = '(?<queue>projects/[^/]+/locations/[^/]+/queues/[^/:]+)';
const TASK = '(?<task>projects/[^/]+/locations/[^/]+/queues/[^/:]+/tasks/[^/:]+)';

/** The routes of the service. */
export function taskRoutes(api: TaskApi): Route[] {
  return [...queueRoutes(api), ...pathRoutes(api)];
}

function queueRoutes(api: TaskApi): Route[] {
  return [
    on('GET', `${LOCATION}/queues`, ({ url, params }) =>
      page(url, api.listQueues(params.location!).map(formatQueue), 'queues', QUEUES_PAGE),
    ),
    on('POST', `${LOCATION}/queues`, async (call) =>
      formatQueue(api.createQueue(call.params.location!, await json(call))),
    ),
    on('GET', QUEUE, ({ params }) => formatQueue(api.getQueue(params.queue!))),
    on('PATCH', QUEUE, async (call) => formatQueue(api.updateQueue(call.params.queue!, await json(call)))),
    on('DELETE', QUEUE, ({ params }) => api.deleteQueue(params.queue!) ?? {}),
    on('POST', `${QUEUE}:purge`, ({ params }) => formatQueue(api.purgeQueue(params.queue!))),
    on('POST', `${QUEUE}:pause`, ({ params }) => formatQueue(api.setState(params.queue!, 'PAUSED'))),
    on('POST', `${QUEUE}:resume`, ({ params }) => formatQueue(api.setState(params.queue!, 'RUNNING'))),
  ];
}

function pathRoutes(api: TaskApi): Route[] {
  return [
    on('GET', `${QUEUE}/tasks`, ({ url, params }) => {
      const view = viewOf(url.searchParams.get('responseView'));
      const tasks = api.listTasks(params.queue!).map((task) => formatTask(task, view));
      return page(url, tasks, 'tasks', TASKS_PAGE);
    }),
    on('POST', `${QUEUE}/tasks`, async (call) => {
      const { task, responseView } = await json(call);
      return formatTask(api.createTask(call.params.queue!, task), viewOf(responseView));
    }),
    on('GET', TASK, ({ url, params }) =>
      formatTask(api.getTask(params.task!), viewOf(url.searchParams.get('responseView'))),
    ),
    on('DELETE', TASK, ({ params }) => api.deleteTask(params.task!) ?? {}),
    on('POST', `${TASK}:run`, async (call) => {
      const { responseView } = await json(call);
      return formatTask(api.runTask(call.params.task!), viewOf(responseView));
    }),
  ];
}

function on(method: string, path: string, handle: (call: Call) => unknown): Route {
  return { method, path: new RegExp(`^/v2/${path}$`), handle };
}

async function json(call: Call): Promise<Record<string, unknown>> {
  return parseJsonObject(await readBody(call.request, BODY_LIMIT_BYTES));
}

/** FULL by name or by number; anything else is BASIC. */
function viewOf(value: unknown): 'BASIC' | 'FULL' {
  return value === 'FULL' || value === 2 || value === '2' ? 'FULL' : 'BASIC';
}

function page(url: URL, items: unknown[], field: string, maxSize: number): Record<string, unknown> {
  const size = Math.min(Number(url.searchParams.get('pageSize')) || maxSize, maxSize);
  const start = Number(url.searchParams.get('pageToken') ?? 0);
  if (!(size > 0) || !Number.isInteger(start)) throw invalid('The page size or page token is invalid.');
  const end = start + size;
  return { [field]: items.slice(start, end), ...(end < items.length ? { nextPageToken: String(end) } : {}) };
}
