/**
 * Tiering on the laptop cloud, killed: days of log entries move while the process of `tier` and that of BigQuery are
 * ended by SIGKILL at random; whatever happened, the view `logs` must show the same entries, by count and checksum.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type Laptop, startLaptop } from '../e2e/laptop.ts';
import { random } from '../random.ts';

export interface TierKillOptions {
  readonly seed: number;
  readonly days: number;
  readonly rowsPerDay: number;
  readonly kills: number;
  readonly onProgress?: (text: string) => void;
}

export interface TierKillReport {
  readonly kills: { readonly tier: number; readonly bigquery: number };
  /** Calls that were under way when something was killed. */
  readonly interrupted: number;
  /** Calls of the function, the last one included. */
  readonly calls: number;
  /** What the call after the last one answered. */
  readonly again: unknown;
  /** What differs; empty: everything is right. */
  readonly wrong: readonly string[];
}

const FIRST_DAY = "TIMESTAMP '2026-01-01 00:00:00+00'";

/** What a day is, whichever side its entries are on. */
const SUMS = `
  SELECT FORMAT_TIMESTAMP('%F', timestamp) AS day, COUNT(*) AS n, COUNT(DISTINCT insert_id) AS ids,
    SUM(CAST(CONCAT('0x', SUBSTR(TO_HEX(MD5(TO_JSON_STRING(l))), 1, 8)) AS INT64)) AS digest
  FROM logs AS l
  WHERE timestamp >= ${FIRST_DAY}
  GROUP BY day
  ORDER BY day`;

export async function runTierKills(options: TierKillOptions): Promise<TierKillReport> {
  const laptop = await startLaptop({
    onLine: (name, line) => {
      if (name === 'tier') options.onProgress?.(line);
    },
  });
  try {
    await fill(laptop, options);
    const before = await sums(laptop);
    const wrong: string[] = [];
    const check = async (when: string): Promise<void> => {
      const after = await sums(laptop);
      if (JSON.stringify(after) !== JSON.stringify(before))
        wrong.push(`${when}: ${JSON.stringify(after)}, must be ${JSON.stringify(before)}`);
    };
    const { kills, calls, interrupted } = await killAtWork(laptop, options, check);
    let last = calls;
    for (;;) {
      last++;
      const answer = await call(laptop);
      options.onProgress?.(`call ${last}: ${JSON.stringify(answer)}`);
      if (answer !== null && 'days' in answer) break;
      if (last > calls + 20) throw new Error('tiering does not come to an end');
    }
    await check('at the end');
    for (const [what, query] of Object.entries(LEFT)) {
      const [row] = await laptop.query(query);
      if (Number(row?.n) !== 0) wrong.push(`${row?.n} ${what}`);
    }
    return { kills, interrupted, calls: last, again: await call(laptop), wrong };
  } finally {
    await laptop.close();
  }
}

/** Of which nothing may be left. */
const LEFT = {
  'rows in log_entries': `SELECT COUNT(*) AS n FROM log_entries WHERE timestamp >= ${FIRST_DAY}`,
  'tables of days under way': `SELECT COUNT(*) AS n FROM INFORMATION_SCHEMA.TABLES WHERE STARTS_WITH(table_name, 'tier_')`,
} as const;

/** Days of entries, every tenth of them twice, as a batch that came again leaves them. */
const fill = ({ query }: Laptop, { days, rowsPerDay }: TierKillOptions) =>
  query(`
    INSERT INTO log_entries (insert_id, timestamp, timestamp_source, received_at, service, severity, severity_number,
      message, user_id, labels, anomaly_score, anomaly_reasons, format)
    SELECT CONCAT('b', CAST(i AS STRING), '-', CAST(day AS STRING)),
      TIMESTAMP_ADD(TIMESTAMP_ADD(${FIRST_DAY}, INTERVAL day DAY), INTERVAL i MILLISECOND), 'time',
      TIMESTAMP_ADD(${FIRST_DAY}, INTERVAL day * 24 + copy HOUR), CONCAT('service-', CAST(MOD(i, 9) AS STRING)), 'INFO', 200,
      CONCAT('entry ', CAST(i AS STRING), ' of "day" ', CAST(day AS STRING)), IF(MOD(i, 3) = 0, NULL, CONCAT('u', CAST(MOD(i, 101) AS STRING))),
      JSON '{"a":[1.5,{"b":null}]}', 0, IF(MOD(i, 7) = 0, ['severity', 'latency'], []), 'json'
    FROM UNNEST(GENERATE_ARRAY(0, ${days - 1})) AS day, UNNEST(GENERATE_ARRAY(1, ${rowsPerDay})) AS i,
      UNNEST(GENERATE_ARRAY(1, IF(MOD(i, 10) = 0, 2, 1))) AS copy`);

const sums = async (laptop: Laptop) =>
  (await laptop.query(SUMS)).map(({ day, n, ids, digest }) => [day, n, ids, digest]);

async function killAtWork(
  laptop: Laptop,
  { seed, kills: wanted, onProgress }: TierKillOptions,
  check: (when: string) => Promise<void>,
) {
  const next = random(seed);
  const { tier, bigquery } = laptop.cloud.processes;
  const kills = { tier: 0, bigquery: 0 };
  let calls = 0;
  let interrupted = 0;
  for (let kill = 0; kill < wanted; kill++) {
    calls++;
    const calling = call(laptop);
    await Promise.race([calling, delay(20 + 800 * next())]);
    const name = kill % 3 === 2 ? 'bigquery' : 'tier';
    const victim = name === 'tier' ? tier : bigquery;
    await victim.kill();
    kills[name]++;
    const answer = await calling;
    if (answer === null || 'error' in answer) interrupted++;
    await victim.ready();
    onProgress?.(`killed ${name}`);
    await check(`after killing ${name} (${kill + 1})`);
  }
  return { kills, calls, interrupted };
}

/** Calls the function as Cloud Scheduler does; null: it died. */
async function call({ cloud }: Laptop): Promise<Record<string, unknown> | null> {
  try {
    const response = await fetch(cloud.endpoints.tier, { method: 'POST' });
    return (await response.json()) as Record<string, unknown>;
  } catch {
    return null;
  }
}
