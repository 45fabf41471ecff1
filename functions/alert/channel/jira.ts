/**
 * A Jira issue for an incident, comments for what happens to it. An issue that an earlier attempt may have made is
 * looked for by its label, a comment by its last line.
 * Source: https://developer.atlassian.com/cloud/jira/platform/rest/v2/
 */
import type { AlertMessage } from '../message/content.ts';
import { jiraIssue, jiraText } from '../message/event.ts';
import { type Channel, type Delivery, later, type Outcome, sent } from './channel.ts';
import { attempted, outcomeOf } from './http-outcome.ts';
import type { Answered, SafeFetch } from './safe-fetch.ts';

export interface JiraOptions {
  /** https://example.atlassian.net/ */
  readonly url: string;
  readonly user: string;
  readonly token: string;
  readonly project: string;
  readonly fetch: SafeFetch;
  readonly clock: () => number;
}

export const jira = (options: JiraOptions): Channel => ({
  name: 'jira',
  updates: 'reply',
  intervalMs: 0,
  send: (delivery) => attempted(() => deliver(delivery, options)),
});

async function deliver({ message, thread, attempt }: Delivery, options: JiraOptions): Promise<Outcome> {
  const { clock, project } = options;
  if (thread !== null) {
    const path = `rest/api/2/issue/${encodeURIComponent(String(thread.issue))}/comment`;
    if (attempt > 1 && (await hasComment(path, message, options))) return sent(thread);
    return outcomeOf(await call('POST', path, options, { body: jiraText(message) }), clock(), thread);
  }
  const found = attempt > 1 ? await findIssue(message, options) : null;
  if (found !== null) return sent({ issue: found });
  const answer = await call('POST', 'rest/api/2/issue', options, jiraIssue(message, project));
  const outcome = outcomeOf(answer, clock());
  if (outcome.result !== 'sent') return outcome;
  const issue = read(answer).key;
  return typeof issue === 'string' ? sent({ issue }) : later('Jira named no issue');
}

async function findIssue({ incidentId }: AlertMessage, options: JiraOptions): Promise<string | null> {
  const jql = new URLSearchParams({ jql: `labels = "${incidentId}"`, maxResults: '1', fields: 'key' });
  const { issues } = read(await call('GET', `rest/api/3/search/jql?${jql}`, options));
  const [first] = Array.isArray(issues) ? (issues as { key?: unknown }[]) : [];
  return typeof first?.key === 'string' ? first.key : null;
}

async function hasComment(
  path: string,
  { incidentId, sequence }: AlertMessage,
  options: JiraOptions,
): Promise<boolean> {
  const { body } = await call('GET', `${path}?orderBy=-created&maxResults=50`, options);
  return body.includes(`${incidentId} · ${sequence}`);
}

function call(
  method: 'GET' | 'POST',
  path: string,
  { url, user, token, fetch }: JiraOptions,
  body?: object,
): Promise<Answered> {
  const authorization = `Basic ${Buffer.from(`${user}:${token}`).toString('base64')}`;
  return fetch(new URL(path, url).href, {
    method,
    headers: { authorization, 'content-type': 'application/json', accept: 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

function read({ body }: Answered): Record<string, unknown> {
  try {
    return JSON.parse(body) as Record<string, unknown>;
  } catch {
    return {};
  }
}
