/** What people got of incidents, held against what was to be told: each transition once, on each channel. */
import type { Laptop } from '../e2e/laptop.ts';

export interface Told {
  readonly again: { readonly mails: number; readonly webhooks: number };
  readonly wrong: readonly string[];
}

/** `incidents`: the services of each, none of them in two. */
export async function compare(laptop: Laptop, incidents: readonly (readonly string[])[]): Promise<Told> {
  const { slack, mails, webhooks } = laptop.cloud.services.alerts.caught();
  const wrong: string[] = [];
  const expectOne = (what: string, found: readonly unknown[]): void => {
    if (found.length !== 1) wrong.push(`${what}: ${found.length} instead of one`);
  };
  const mailsOnce = firstOf(mails, ({ messageId }) => messageId);
  const hooksOnce = firstOf(webhooks, ({ key }) => key).map(({ body }) => JSON.parse(body) as HookBody);
  for (const services of incidents) {
    const name = services.join(' and ');
    const isOfIt = (text: string): boolean =>
      services.some((service) => new RegExp(`\\b${service}\\b`).test(text));
    const parents = slack.filter(({ threadTs, text }) => threadTs === null && isOfIt(text));
    expectOne(`Slack messages of ${name}`, parents);
    const thread = slack.filter(({ threadTs }) => threadTs !== null && threadTs === parents[0]?.ts);
    expectOne(
      `ends in Slack's thread of ${name}`,
      thread.filter(({ text }) => text.includes('*Resolved*')),
    );
    expectOne(
      `joined in Slack's thread of ${name}`,
      thread.filter(({ text }) => text.includes('fails too')),
    );
    const opened = mailsOnce.filter(({ inReplyTo, subject }) => inReplyTo === null && isOfIt(subject));
    expectOne(`mails that begin a thread of ${name}`, opened);
    const replies = mailsOnce.filter(
      ({ inReplyTo }) => inReplyTo !== null && inReplyTo === opened[0]?.messageId,
    );
    expectOne(
      `mails of the end of ${name}`,
      replies.filter(({ text }) => text.startsWith('Resolved')),
    );
    expectOne(
      `mails that say what joined ${name}`,
      replies.filter(({ text }) => text.includes('fails too')),
    );
    const calls = hooksOnce.filter(({ title }) => isOfIt(title));
    for (const kind of ['opened', 'resolved'])
      expectOne(
        `calls of the webhook, ${kind}, ${name}`,
        calls.filter((call) => call.kind === kind),
      );
  }
  const known = incidents.length;
  const parents = slack.filter(({ threadTs }) => threadTs === null).length;
  if (parents !== known) wrong.push(`${parents} messages in Slack, of ${known} incidents`);
  wrong.push(...(await wrongRows(laptop, incidents)));
  return {
    again: { mails: mails.length - mailsOnce.length, webhooks: webhooks.length - hooksOnce.length },
    wrong,
  };
}

interface HookBody {
  readonly kind: string;
  readonly title: string;
}

/** As who receives them counts: by the identity that a repeated delivery has again. */
function firstOf<T>(all: readonly T[], keyOf: (one: T) => string): readonly T[] {
  const first = new Map<string, T>();
  for (const one of all) if (!first.has(keyOf(one))) first.set(keyOf(one), one);
  return [...first.values()];
}

async function wrongRows(laptop: Laptop, incidents: readonly (readonly string[])[]): Promise<string[]> {
  const services = incidents.flat().sort();
  const rows = await laptop.query('SELECT service, state FROM alerts ORDER BY service');
  const found = rows.map(({ service, state }) => `${service} ${state}`).sort();
  const expected = services.map((service) => `${service} resolved`);
  const wrong =
    JSON.stringify(found) === JSON.stringify(expected) ? [] : [`rows of alerts: ${found.join(', ')}`];
  const changes = await laptop.query(
    `SELECT a.service, e.to_state, COUNT(DISTINCT e.event_id) AS n
     FROM alert_events e JOIN alerts a USING (alert_id)
     WHERE e.channel IS NULL AND e.to_state IN ('firing', 'resolved')
     GROUP BY 1, 2`,
  );
  const times = new Map(changes.map(({ service, to_state, n }) => [`${service} ${to_state}`, Number(n)]));
  for (const service of services)
    for (const state of ['firing', 'resolved']) {
      const n = times.get(`${service} ${state}`) ?? 0;
      if (n !== 1) wrong.push(`${service} became ${state} ${n} times`);
    }
  return wrong;
}
