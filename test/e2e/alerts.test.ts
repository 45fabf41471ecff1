/**
 * A cascading failure on the laptop cloud, from log lines to what people get: one message in Slack with its thread, one
 * thread of mails, with the evidence; then the end of it.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { mailThreads } from '../../local/alerts/page.ts';
import { CASCADE_ALERTS, playCascade } from './cascade.ts';
import { type Laptop, startLaptop, until } from './laptop.ts';

// A dozen processes share the machine's cores with the other tests.
vi.setConfig({ testTimeout: 180_000 });

let laptop: Laptop;

beforeAll(async () => {
  laptop = await startLaptop({
    settings: { LOGWEIR_ALERTS: CASCADE_ALERTS, LOGWEIR_PAGE_URL: 'http://127.0.0.1:8700/' },
  });
}, 120_000);

afterAll(async () => {
  await laptop?.close();
}, 60_000);

describe('a cascading failure', () => {
  it('is one message in Slack and one thread of mails, with the evidence, later resolved', async () => {
    await playCascade(laptop);
    const { mails, slack, webhooks } = laptop.cloud.services.alerts.caught();
    const parents = slack.filter(({ threadTs }) => threadTs === null);
    expect(parents).toHaveLength(1);
    expect(mailThreads(mails)).toHaveLength(1);

    const message = JSON.stringify(parents[0]?.blocks);
    const first = mails[0]!;
    for (const shown of [message, first.text]) {
      expect(shown).toContain('payment: ');
      expect(shown).toMatch(/\d+ % errors \(usually [0-9.]+ %\)/);
      expect(shown).toMatch(/connection to .*ledger-db.* refused/);
      expect(shown).toContain('4bf92f3577b34da6a3ce');
      expect(shown).toMatch(/[▁▂▃▄▅▆▇█]{5,}/u);
      expect(shown).toContain("WHERE service = 'payment'");
    }
    // Payment is a critical service.
    expect(first.subject).toMatch(/^\[page\] payment: /);
    expect(first.images.sparkline).toMatch(/^data:image\/png/);
    expect(message).toContain('Likely began in');

    const thread = slack.filter(({ threadTs }) => threadTs === parents[0]?.ts).map(({ text }) => text);
    expect(thread.some((text) => text.includes('api-gateway fails too'))).toBe(true);
    expect(thread.at(-1)).toMatch(/\*Resolved\* after \d+ s/);
    expect(mails.at(-1)?.inReplyTo).toBe(first.messageId);
    expect(webhooks.every(({ signed }) => signed)).toBe(true);

    await until(
      async () => (await laptop.query("SELECT state FROM alerts WHERE state != 'resolved'")).length === 0,
    );
    const rows = await laptop.query('SELECT service, state FROM alerts ORDER BY service');
    expect(rows.map(({ service }) => service)).toEqual(['api-gateway', 'inventory', 'payment']);
    const sent = await laptop.query("SELECT event_id FROM alert_events WHERE delivery = 'failed'");
    expect(sent).toEqual([]);
  });
});

describe('the command alerts', () => {
  const command = async (...args: string[]): Promise<string> => {
    const path = fileURLToPath(new URL('../../local/logweir.mjs', import.meta.url));
    const all = [path, 'alerts', ...args, '--data-dir', laptop.cloud.dataDir];
    const { stdout } = await promisify(execFile)(process.execPath, all);
    return stdout.trim();
  };

  it('silences, lists, and tries a channel', async () => {
    expect(await command('silence', 'service=search*', '--for', '10m', '--author', 'ana')).toMatch(
      /^silence s-\w+ until/,
    );
    const list = await command('list');
    expect(list).toContain('no incident is open');
    expect(list).toMatch(/service=search\* {2}for (9|10) min.* more, by ana/);
    const before = laptop.cloud.services.alerts.caught().slack.length;
    expect(await command('test', 'slack')).toBe('slack: sent');
    expect(laptop.cloud.services.alerts.caught().slack).toHaveLength(before + 1);
  });

  it('says what is wrong and what is allowed', async () => {
    await expect(command('silence', 'colour=red', '--for', '1h')).rejects.toThrow('"colour=red" is no label');
    await expect(command('test', 'pagerduty')).rejects.toThrow(
      'pagerduty is not set up; set up: slack, mail, webhook',
    );
    await expect(command('ack', 'i-none')).rejects.toThrow('no incident i-none is open');
  });
});
