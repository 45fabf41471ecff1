/**
 * A cascading failure as log lines that happen now: a while of the usual, payment fails, a moment later those that call
 * it, then all is well. Until the last message is out.
 */
import { gzipSync } from 'node:zlib';
import { type Laptop, until } from './laptop.ts';

/** Recoveries count soon, so that one waits for seconds; one rule alone, as the story is about one. */
export const CASCADE_ALERTS = JSON.stringify({
  tiers: { critical: ['payment'] },
  rules: [
    { name: 'error_spike', clearAfter: '3s' },
    ...['latency', 'degradation', 'new_error_pattern', 'predicted_failure', 'anomaly'].map((name) => ({
      name,
      enabled: false,
    })),
  ],
});

const SERVICES = ['payment', 'inventory', 'api-gateway'] as const;
const CAUSES = [
  [
    'connection to ledger-db refused',
    'pool of ledger-db exhausted, no connection left',
    'order not settled, ledger is unavailable',
  ],
  ['upstream payment answered 503', 'upstream payment answered 503', 'reservation rolled back'],
  ['upstream inventory answered 503', 'upstream payment answered 503', 'no healthy upstream'],
] as const;
const LINES = 20;

/** A second of requests of every service; those that fail, fail for one reason, upstream first. */
function second(atMs: number, failing: readonly string[]): Buffer {
  const secondOf = Math.floor(atMs / 1000);
  const lines = SERVICES.flatMap((service, place) =>
    Array.from({ length: LINES }, (_, i) => {
      const failed = failing.includes(service) && i % 5 !== 0;
      const declined = !failed && i === 7 && (secondOf + place) % 2 === 0;
      const common = {
        timestamp: new Date(atMs + 40 * i + 3 * place).toISOString(),
        service,
        trace_id: `4bf92f3577b34da6a3ce${String(secondOf % 1e6).padStart(6, '0')}${String(i).padStart(6, '0')}`,
        latency_ms: failed ? 900 : 40 + i,
      };
      if (failed)
        return JSON.stringify({
          ...common,
          ...{ severity: 'ERROR', http_status: 503, message: `${CAUSES[place]![i % 3]} (request ${i})` },
        });
      if (declined)
        return JSON.stringify({
          ...common,
          severity: 'ERROR',
          http_status: 402,
          message: `order ${i} declined`,
        });
      return JSON.stringify({ ...common, severity: 'INFO', http_status: 200, message: `request ${i} done` });
    }),
  );
  return gzipSync(Buffer.from(lines.join('\n')));
}

/** Plays it; resolves to the seconds from the first failing line to the message in Slack. */
export async function playCascade(laptop: Laptop): Promise<number> {
  let failing: readonly string[] = [];
  let stopped = false;
  const talking = (async () => {
    for (let atMs = Math.floor(Date.now() / 1000) * 1000 - 20_000; !stopped; atMs += 1000) {
      await until(() => stopped || Date.now() >= atMs + 1000);
      await laptop.publish(second(atMs, failing));
    }
  })();
  const { alerts } = laptop.cloud.services;
  const slack = (text: string): boolean => alerts.caught().slack.some((post) => post.text.includes(text));
  const windows = async (): Promise<number> =>
    Number((await laptop.query("SELECT COUNT(*) AS n FROM windows WHERE service = 'payment'"))[0]?.n);
  try {
    // What is usual must be known before anything is unusual.
    await until(async () => (await windows()) >= 18);
    const failedAtMs = Date.now();
    failing = ['payment'];
    await until(() => slack('payment'));
    const seconds = (Date.now() - failedAtMs) / 1000;
    failing = SERVICES;
    await until(() => slack('2 more services'));
    failing = [];
    await until(
      () => slack('*Resolved*') && alerts.caught().mails.some(({ text }) => text.startsWith('Resolved')),
    );
    return seconds;
  } finally {
    stopped = true;
    await talking;
  }
}
