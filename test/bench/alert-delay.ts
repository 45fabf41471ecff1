/**
 * How long people wait for an alert, on the laptop cloud as it is set up by default: windows of 10 s, 5 s for entries out
 * of order. Services log twenty lines a second each; one after the other begins to fail, each an incident of its own.
 *
 *     npx tsx test/bench/alert-delay.ts [--incidents 10]     # 3 min to learn what is usual, then 20 s an incident
 */
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { SETTINGS } from '../../functions/config.ts';
import { type Laptop, startLaptop, until } from '../e2e/laptop.ts';

const { values } = parseArgs({ options: { incidents: { type: 'string', default: '10' } } });
const incidents = Number(values.incidents);
const WINDOW_MS = 10_000;
const OUT_OF_ORDER_MS = 5_000;
/** Not a multiple of the window: incidents begin anywhere in one. */
const EVERY_MS = 23_000;
const LASTS_MS = 15_000;
const LEARN_MS = 185_000;
const LINES = 20;

const defaults = [SETTINGS.windowSizeMs, SETTINGS.outOfOrdernessMs, SETTINGS.tickMs, SETTINGS.timerMarginMs];
const settings = {
  ...Object.fromEntries(defaults.map(({ env, default: value }) => [env, value ?? ''])),
  LOGWEIR_ALERTS: JSON.stringify({ groupWithin: '1s', tiers: { critical: ['service-*'] } }),
};

const services = Array.from({ length: incidents }, (_, i) => `service-${String(i).padStart(2, '0')}`);

/** A second of all services, of which one may fail. */
function second(atMs: number, failing: string | null): Buffer {
  const lines = services.flatMap((service) =>
    Array.from({ length: LINES }, (_, i) => {
      const failed = service === failing ? i % 5 !== 0 : i === 7 && Math.floor(atMs / 1000) % 3 === 0;
      return JSON.stringify({
        ...{ timestamp: new Date(atMs + 40 * i).toISOString(), service, latency_ms: 40 + i },
        ...(failed
          ? { severity: 'ERROR', http_status: 503, message: `connection to ledger-db refused, request ${i}` }
          : { severity: 'INFO', http_status: 200, message: `request ${i} done` }),
      });
    }),
  );
  return gzipSync(Buffer.from(lines.join('\n')));
}

async function talk(laptop: Laptop, startMs: number): Promise<void> {
  const endMs = startMs + LEARN_MS + incidents * EVERY_MS + 30_000;
  for (let atMs = startMs; atMs < endMs; atMs += 1000) {
    await until(() => Date.now() >= atMs + 1000);
    const sinceMs = atMs - startMs - LEARN_MS;
    const failing =
      sinceMs >= 0 && sinceMs % EVERY_MS < LASTS_MS ? services[Math.floor(sinceMs / EVERY_MS)] : null;
    await laptop.publish(second(atMs, failing ?? null));
  }
}

const laptop = await startLaptop({ settings });
try {
  const startMs = Math.ceil(Date.now() / 1000) * 1000;
  await talk(laptop, startMs);
  await until(async () => {
    const [row] = await laptop.query("SELECT COUNT(*) AS n FROM alerts WHERE rule = 'error_spike'");
    return Number(row?.n) >= incidents;
  });
  const fired = await laptop.query(
    `SELECT a.service, UNIX_MILLIS(MIN(e.changed_at)) AS fired_ms FROM alert_events e JOIN alerts a USING (alert_id)
     WHERE e.to_state = 'firing' AND e.channel IS NULL GROUP BY a.service ORDER BY a.service`,
  );
  const { slack } = laptop.cloud.services.alerts.caught();
  const rows = services.map((service, i) => {
    const firstBadMs = startMs + LEARN_MS + i * EVERY_MS;
    const post = slack.find(({ threadTs, text }) => threadTs === null && text.includes(service));
    const toldMs = 1000 * Number(post?.ts ?? Number.NaN);
    const firedMs = Number(fired.find((row) => row.service === service)?.fired_ms);
    const windowEndMs = Math.floor((firedMs - OUT_OF_ORDER_MS) / WINDOW_MS) * WINDOW_MS;
    return { waited: toldMs - firstBadMs, window: toldMs - windowEndMs, decided: firedMs - windowEndMs };
  });
  const line = (name: string, of: (row: (typeof rows)[number]) => number): void => {
    const sorted = rows.map(of).sort((a, b) => a - b);
    const s = (ms: number | undefined): string => `${((ms ?? Number.NaN) / 1000).toFixed(2)} s`;
    console.log(`${name.padEnd(44)} median ${s(sorted[sorted.length >> 1])}, most ${s(sorted.at(-1))}`);
  };
  console.log(`${incidents} incidents, ${services.length * LINES} lines a second`);
  line("window's end → decided, committed", ({ decided }) => decided);
  line("window's end → message in Slack", ({ window }) => window);
  line('first bad entry → message in Slack', ({ waited }) => waited);
} finally {
  await laptop.close();
}
