/**
 * Sends one task to its target over HTTP, with the headers of Cloud Tasks.
 * Guarantee: resolves always, with the status or the reason why there is none; a target that does not answer
 * in time is given up when the signal says so. No OIDC or OAuth token is sent: there is no account here to
 * speak for.
 * Source of the headers: https://cloud.google.com/tasks/docs/creating-http-target-tasks#handler
 */
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, Agent as SecureAgent } from 'node:https';
import { lastPart, queueNameOf, type Task } from './resource.ts';

/** What became of one attempt. */
export interface Outcome {
  /** The target's answer; absent when there was none. */
  readonly httpStatus?: number;
  /** What the target asked for by Retry-After. */
  readonly retryAfterMs?: number;
  readonly message: string;
}

/** Sends a task; `signal` ends the attempt early, its reason becomes the outcome's message. */
export type Dispatch = (task: Task, signal: AbortSignal) => Promise<Outcome>;

/** A dispatcher with connections of its own, kept alive between tasks. */
export function httpDispatcher(): { readonly dispatch: Dispatch; close(): void } {
  const plain = new Agent({ keepAlive: true, timeout: 0 });
  const secure = new SecureAgent({ keepAlive: true, timeout: 0 });
  return {
    dispatch: (task, signal) => send(task, signal, plain, secure),
    close: () => {
      plain.destroy();
      secure.destroy();
    },
  };
}

/** The headers of one attempt. */
export function dispatchHeaders(task: Task): Record<string, string> {
  const previous = task.lastAttempt;
  return {
    ...(task.request.body === undefined ? {} : { 'content-type': 'application/octet-stream' }),
    ...lowerCase(task.request.headers),
    'user-agent': 'Google-Cloud-Tasks',
    'x-cloudtasks-queuename': lastPart(queueNameOf(task.name)),
    'x-cloudtasks-taskname': lastPart(task.name),
    'x-cloudtasks-taskretrycount': String(task.dispatchCount),
    'x-cloudtasks-taskexecutioncount': String(task.executionCount),
    'x-cloudtasks-tasketa': (task.scheduleMs / 1000).toFixed(3),
    ...(previous?.httpStatus === undefined
      ? {}
      : { 'x-cloudtasks-taskpreviousresponse': String(previous.httpStatus) }),
    ...(previous === undefined ? {} : { 'x-cloudtasks-taskretryreason': previous.message }),
  };
}

function send(task: Task, signal: AbortSignal, plain: Agent, secure: SecureAgent): Promise<Outcome> {
  const { url, method, body } = task.request;
  const bytes = body === undefined ? undefined : Buffer.from(body, 'base64');
  const headers = dispatchHeaders(task);
  if (bytes) headers['content-length'] = String(bytes.length);
  const tls = url.startsWith('https:');
  return new Promise((resolve) => {
    const options = { method, headers, signal, agent: tls ? secure : plain };
    const request = tls ? httpsRequest(url, options) : httpRequest(url, options);
    request.once('error', (error) => resolve({ message: reasonOf(error, signal) }));
    request.once('response', (response) => {
      response.resume();
      response.once('end', () => resolve(outcomeOf(response)));
      response.once('error', (error) => resolve({ message: reasonOf(error, signal) }));
    });
    request.end(bytes);
  });
}

function outcomeOf(response: IncomingMessage): Outcome {
  const httpStatus = response.statusCode ?? 0;
  const seconds = Number(response.headers['retry-after']);
  return {
    httpStatus,
    message: `HTTP status code ${httpStatus}`,
    ...(seconds > 0 ? { retryAfterMs: seconds * 1000 } : {}),
  };
}

function reasonOf(error: Error, signal: AbortSignal): string {
  if (signal.aborted) return String(signal.reason);
  return `UNAVAILABLE: ${(error as NodeJS.ErrnoException).code ?? error.message}`;
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
