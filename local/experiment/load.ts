/** The lines that producers publish: five services, a twentieth of them errors, the same for a seed but for their times. */

import { promisify } from 'node:util';
import { deflate } from 'node:zlib';

const packed = promisify(deflate);
const SERVICES = ['auth', 'payment', 'inventory', 'user', 'api-gateway'];

/** Makes batches as Fluentd's zlib batches. `index` tells producers of one experiment apart. */
export function batches(seed: number, index: number) {
  let sequence = 0;
  const line = (nowMs: number): string => {
    const i = sequence++;
    const random = Math.imul(i + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b);
    const service = SERVICES[i % SERVICES.length]!;
    const failed = i % 20 === 19;
    return JSON.stringify({
      timestamp: new Date(nowMs).toISOString(),
      level: failed ? 'error' : i % 20 < 16 ? 'info' : 'warn',
      service,
      message: failed
        ? `upstream ledger-${i % 3} answered 503 after ${100 + (i % 400)} ms`
        : `request ${100_000 + (Math.abs(random) % 899_999)} of zone ${i % 3} handled`,
      http_status: failed ? 503 : 200,
      latency_ms: 5 + (Math.abs(random) % 900) / 3,
      // Who and which: no two lines of an experiment are the same.
      request_id: `req-${index}-${i}`,
      trace_id: (Math.abs(random) % 65_536).toString(16).padStart(32, '0'),
      user_id: `u${i % 500}`,
      host: `${service}-7f9c-${i % 4}`,
    });
  };
  return {
    next: (lines: number, nowMs: number): Promise<Buffer> =>
      packed(Buffer.from(Array.from({ length: lines }, () => `${line(nowMs)}\n`).join('\x1e')), { level: 3 }),
  };
}
