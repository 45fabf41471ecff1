import { describe, expect, it } from 'vitest';
import { createParser } from '../../../functions/parse/parse-record.ts';
import { ageCheck } from '../../../local/ship/age.ts';

const NOW_MS = Date.UTC(2026, 10, 20, 10);
const HOUR_MS = 3_600_000;

const check = () =>
  ageCheck({
    parse: createParser({ maxDepth: 100, slowMs: 3000, maxFutureMs: 86_400_000 }),
    latenessMs: HOUR_MS,
    now: () => NOW_MS,
  });
const line = (agoMs: number): string => `${new Date(NOW_MS - agoMs).toISOString()} INFO something happened\n`;

describe('a batch is backfill', () => {
  it('when its entries are older than the allowed lateness', () => {
    expect(check()(Buffer.from(line(2 * HOUR_MS)))).toBe(true);
    expect(check()(Buffer.from(line(60_000)))).toBe(false);
  });

  it('when only its first entries are', () => {
    expect(check()(Buffer.from(line(2 * HOUR_MS) + line(1000).repeat(10_000)))).toBe(true);
  });

  it('when only its last entries are', () => {
    expect(check()(Buffer.from(line(1000).repeat(10_000) + line(2 * HOUR_MS)))).toBe(true);
  });

  it('when it tells no time and the batch before it was', () => {
    const isBackfill = check();
    expect(isBackfill(Buffer.from('  at main (app.js:1)\n'))).toBe(false);
    expect(isBackfill(Buffer.from(line(2 * HOUR_MS)))).toBe(true);
    expect(isBackfill(Buffer.from('  at main (app.js:1)\n'))).toBe(true);
    expect(isBackfill(Buffer.from(line(1000)))).toBe(false);
    expect(isBackfill(Buffer.from('  at main (app.js:1)\n'))).toBe(false);
  });

  it('when the time stands in a field of JSON, or in syslog’s form without a year', () => {
    expect(check()(Buffer.from('{"ts":"2026-11-20T01:00:00Z","msg":"x"}\n'))).toBe(true);
    expect(check()(Buffer.from('Dec 10 06:55:46 LabSZ sshd[24200]: Invalid user\n'))).toBe(true);
    expect(check()(Buffer.from('Nov 20 09:59:46 LabSZ sshd[24200]: Invalid user\n'))).toBe(false);
  });
});
