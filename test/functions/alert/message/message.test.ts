/** What a message says, and that nothing in a log line can make it say more. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AlertMessage, contentOf } from '../../../../functions/alert/message/content.ts';
import { jiraIssue, pagerdutyEvent, webhookBody } from '../../../../functions/alert/message/event.ts';
import { linksOf, literal } from '../../../../functions/alert/message/links.ts';
import { mailOf } from '../../../../functions/alert/message/mail.ts';
import { length, percent } from '../../../../functions/alert/message/number.ts';
import { type SlackBlock, slackMessage, slackReply } from '../../../../functions/alert/message/slack.ts';
import { sparkline } from '../../../../functions/alert/message/sparkline.ts';
import { bounded, type Evidence, type Observation } from '../../../../functions/alert/observation.ts';
import { createRedactor } from '../../../../functions/parse/redact/redactor.ts';
import { CASCADE, changeOf, EVIDENCE, noticesOf, START } from '../sample-notice.ts';

const redactor = createRedactor();
const context = {
  pageUrl: 'https://logs.example.com/',
  dataset: 'logweir',
  redact: (text: string) => redactor.text(text),
};
const messages = noticesOf(CASCADE).map((notice) => contentOf(notice, context));
const [opened, joined, , resolved] = messages as [AlertMessage, AlertMessage, AlertMessage, AlertMessage];

describe('a message in Slack', () => {
  it('tells what, since when, how bad, the history, patterns, lines, traces, the prediction, a query and links', () => {
    const text = JSON.stringify(slackMessage(opened));
    for (const part of [
      'payment: 52 % errors (usually 2.1 %)',
      '2026-11-20 10:15:20 UTC',
      '▁▁▁▁▅█',
      ' 1,204 × connection to &lt;*&gt; refused',
      'pool exhausted, 0 of 20 connections left',
      '4bf92f3577b34da6a3ce929d0e0e4736',
      'a failure within 5 min, probability 0.93',
      "WHERE service = 'payment'",
      'https://logs.example.com/services/payment?from=',
      `/alerts/${CASCADE[0]!.alertId}?silence`,
      '?feedback=noise',
    ])
      expect(text).toContain(part);
  });

  it('names the likely origin first when others join', () => {
    expect(joined.title).toBe('payment: 52 % errors (usually 2.1 %), and 1 more service');
    expect(joined.originWhy).toContain('40 s before api-gateway');
    expect(JSON.stringify(slackReply(joined))).toContain('api-gateway fails too: 52 % errors');
  });

  it('says at the end how long it took and what changed', () => {
    expect(slackMessage(resolved).text).toMatch(/^🟢 Resolved: payment/u);
    expect(slackReply(resolved).text).toContain('*Resolved* after 4 min 30 s');
    expect(slackReply(resolved).text).toContain('api-gateway recovered (error_spike) after');
  });
});

describe('a mail', () => {
  const first = mailOf(opened, null, 'logweir.example.com');
  const last = mailOf(resolved, { first: 1, subject: first.subject }, 'logweir.example.com');

  it('has all of it as text and as HTML', () => {
    for (const part of [
      'payment: 52 % errors (usually 2.1 %)',
      'connection to',
      'pool exhausted',
      '4bf92f3577b34da6a3ce929d0e0e4736',
      'probability of 0.93',
    ]) {
      expect(first.text).toContain(part);
      expect(first.html).toContain(part);
    }
    expect(first.text).toContain('▁▁▁▁▅█');
    expect(first.png?.subarray(1, 4).toString('latin1')).toBe('PNG');
  });

  it('has the same identity each time it is made, and answers the one that began the thread', () => {
    expect(first.messageId).toBe(mailOf(opened, null, 'logweir.example.com').messageId);
    expect(first.inReplyTo).toBeNull();
    expect(last.inReplyTo).toBe(first.messageId);
    expect(last.messageId).not.toBe(first.messageId);
    expect(last.subject).toBe(`Re: ${first.subject}`);
    expect(last.text).toContain('Resolved after 4 min 30 s');
  });
});

describe('for programs', () => {
  it('the webhook has a key, times and the evidence', () => {
    expect(JSON.parse(webhookBody(opened))).toMatchObject({
      key: `${opened.incidentId}.1`,
      kind: 'opened',
      startedAt: '2026-11-20T10:15:20.000Z',
      endedAt: null,
      services: ['payment'],
      evidence: { samples: EVIDENCE.samples },
    });
  });

  it('PagerDuty gets one key for the whole incident, and its end', () => {
    expect(pagerdutyEvent(opened, 'k')).toMatchObject({
      event_action: 'trigger',
      dedup_key: opened.incidentId,
      payload: { severity: 'critical', source: 'payment' },
    });
    expect(pagerdutyEvent(resolved, 'k')).toEqual({
      routing_key: 'k',
      dedup_key: opened.incidentId,
      event_action: 'resolve',
    });
  });

  it('Jira gets an issue that can be found again', () => {
    expect(jiraIssue(opened, 'OPS')).toMatchObject({
      fields: { project: { key: 'OPS' }, labels: ['logweir', opened.incidentId] },
    });
  });
});

/** A message about a service and lines that are whatever somebody logged. */
function hostile(text: string): AlertMessage {
  const evidence: Evidence = {
    ...EVIDENCE,
    samples: [text, text, text, text],
    patterns: Array.from({ length: 9 }, () => ({ id: text, template: text, entries: 5 })),
    traces: Array.from({ length: 9 }, () => ({ id: text, atMs: null })),
    explanation: text,
    prediction: { probability: 0.9, horizonMs: 60_000, why: text },
  };
  const observation: Observation = bounded({
    ...{ service: text, startMs: 0, endMs: 1, revision: 1, entries: 1, errors: 1, signals: {}, evidence },
  });
  const change = changeOf(observation.service, 0, { evidence: observation.evidence });
  return contentOf(
    noticesOf([change, { ...change, atMs: change.atMs + 1, to: 'flapping' }]).at(-1)!,
    context,
  );
}

/** Every text of blocks. */
const textsOf = (blocks: readonly SlackBlock[]): string[] =>
  blocks.flatMap((block) => {
    if (block.type === 'header' || block.type === 'section') return [block.text.text];
    if (block.type === 'context') return block.elements.map(({ text }) => text);
    return [];
  });

const ATTACKS = [
  '<!channel> <@U123> <https://evil.example|click here> *bold* `code` ```fence```',
  '</pre><script>alert(1)</script><img src=x onerror=alert(1)>',
  '"><a href="javascript:alert(1)">x</a>',
  'subject\r\nBcc: everybody@example.com\r\n\r\nbody',
  "'; DROP TABLE logs; --",
  '\u202Etxt.exe\u202C \u2066hidden\u2069',
  'مرحبا بالعالم שלום',
  '👩‍👩‍👧‍👦🔥'.repeat(40_000),
  'x'.repeat(100_000),
  '\u0000\u0007\u001b[31mred\u001b[0m',
  '\ud800 half',
  '{noformat} h1. big',
  '`@here`',
];

describe('a log line that wants to be more than a line', () => {
  it.each(ATTACKS.map((text) => [text.slice(0, 40), text]))(
    '%s stays one in Slack, within its limits',
    (_, text) => {
      const { text: fallback, blocks } = slackMessage(hostile(text));
      expect(blocks.length).toBeLessThanOrEqual(50);
      expect(JSON.stringify(blocks).length).toBeLessThan(13_000);
      for (const one of [fallback, ...textsOf(blocks)]) {
        expect(one.length).toBeLessThanOrEqual(3000);
        // Every "<" is our own escape: no mention, no link, no channel.
        if (!one.startsWith('🔴') || one === fallback) expect(one).not.toMatch(/<[!@#h]/);
        expect(one).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u0000-\u0009\u000b-\u001f]/);
        expect(() => encodeURIComponent(one)).not.toThrow();
      }
      const header = blocks[0] as Extract<SlackBlock, { type: 'header' }>;
      expect(header.text.text.length).toBeLessThanOrEqual(150);
      // A fence opens and closes code; none is added from inside.
      for (const one of textsOf(blocks)) expect((one.match(/```/g) ?? []).length % 2).toBe(0);
    },
  );

  it.each(ATTACKS.map((text) => [text.slice(0, 40), text]))('%s stays one in a mail', (_, text) => {
    const { subject, html, messageId } = mailOf(hostile(text), null, 'example.com');
    expect(subject).not.toMatch(/[\r\n]/);
    expect(messageId).toMatch(/^<i-[0-9a-z.-]+@example\.com>$/);
    expect(html).not.toMatch(/<script|<img src=x|onerror=alert\(1\)>|href="javascript/);
    expect(html.length).toBeLessThan(40_000);
    expect(subject.length).toBeLessThan(220);
  });

  it('never breaks the markup, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const message = hostile(text);
        const { html, subject } = mailOf(message, null, 'example.com');
        const tags = [...html.matchAll(/<\/?([a-z0-9]+)/g)].map(([, tag]) => tag!);
        const known = new Set('html head meta body div b p h3 ul li pre bdi a img'.split(' '));
        expect(JSON.parse(webhookBody(message))).toHaveProperty('key');
        expect(tags.filter((tag) => !known.has(tag))).toEqual([]);
        expect(subject).not.toMatch(/[\r\n]/);
      }),
      { numRuns: 60 },
    );
  });

  it('loses its secrets before anybody sees it', () => {
    const message = hostile(
      'password=hunter2hunter2 token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.abcdefghijklmnop ana@example.com',
    );
    // Ids of traces were looked at when the line was parsed.
    const evidence = JSON.stringify({ ...message.evidence, traces: [] });
    expect(evidence).not.toMatch(/hunter2|eyJhbGci|ana@example/);
    expect(message.title + message.services).not.toMatch(/hunter2|eyJhbGci|ana@example/);
  });

  it('is a string in the query, not a part of it', () => {
    expect(literal("a'; DROP TABLE x; --\\")).toBe("'a\\'; DROP TABLE x; --\\\\'");
    expect(literal('a\nb')).toBe("'a\\u000ab'");
  });
});

describe('a link', () => {
  const linked = { alertId: 'f00-1', service: 'payment', fromMs: START - 300_000, untilMs: START };
  const of = (pageUrl: string, service = 'payment') => linksOf(pageUrl, { ...linked, service })!;

  it('leads to the page at that service and time, and to what is asked about that alert', () => {
    expect(of('https://logs.example.com/')).toEqual({
      page: 'https://logs.example.com/services/payment?from=2026-11-20T10%3A10%3A20.000Z&to=2026-11-20T10%3A15%3A20.000Z',
      silence: 'https://logs.example.com/alerts/f00-1?silence',
      useful: 'https://logs.example.com/alerts/f00-1?feedback=useful',
      noise: 'https://logs.example.com/alerts/f00-1?feedback=noise',
    });
  });

  it('stays below the page, with or without a slash at its end', () => {
    for (const page of ['https://x.example.com/logs', 'https://x.example.com/logs/'])
      expect(of(page).silence).toBe('https://x.example.com/logs/alerts/f00-1?silence');
  });

  it.each(['a/b', '..', '.', '?x=1#y', 'a b', 'ü', '\ud800', '//evil.example.com', '%2e%2e'])(
    'of a service called %j is one step below the page',
    (service) => {
      const { pathname, host, searchParams } = new URL(of('https://x.example.com/', service).page);
      expect(host).toBe('x.example.com');
      expect(pathname).toMatch(/^\/services\/[^/]+$/);
      expect([...searchParams.keys()]).toEqual(['from', 'to']);
    },
  );

  it('is not there without a page', () => {
    expect(linksOf(null, linked)).toBeNull();
  });
});

describe('numbers', () => {
  it.each([
    [0.5231, '52 %'],
    [0.021, '2.1 %'],
    [0, '0.0 %'],
    [1, '100 %'],
  ])('share %s is %s', (share, text) => expect(percent(share)).toBe(text));

  it.each([
    [45_000, '45 s'],
    [270_000, '4 min 30 s'],
    [3_600_000, '1 h'],
    [90_000_000, '1 d 1 h'],
    [-5, '0 s'],
  ])('%s ms is %s', (ms, text) => expect(length(ms)).toBe(text));

  it('a sparkline of nothing, zeros and holes is drawn', () => {
    expect([sparkline([]), sparkline([0, 0]), sparkline([1, Number.NaN, 2])]).toEqual(['', '▁▁', '▅·█']);
  });
});
