/** The configuration of alerting, as one writes it. */
import { describe, expect, it } from 'vitest';
import {
  alertConfig,
  type Hours,
  readAlertConfig,
  tierOf,
} from '../../../../functions/alert/rules/config.ts';
import { within } from '../../../../functions/alert/rules/hours.ts';
import { fits } from '../../../../functions/alert/rules/rule.ts';
import { silencedBy } from '../../../../functions/alert/silence.ts';

describe('the configuration', () => {
  it('is complete without a word', () => {
    const { rules, groupWithin, repeat } = readAlertConfig('');
    expect(rules.map(({ name }) => name)).toEqual([
      'error_spike',
      'latency',
      'degradation',
      'silence',
      'new_error_pattern',
      'anomaly',
      'predicted_failure',
      'slo_burn',
      'pipeline_lag',
      'dead_letters',
      'failed_writes',
      'model_fallback',
    ]);
    expect([groupWithin, repeat.page]).toEqual([60_000, 3_600_000]);
  });

  it('changes a default field by field, and adds rules of its own', () => {
    const { rules } = alertConfig({
      rules: [
        { name: 'error_spike', points: { need: 3, of: 5 } },
        { name: 'anomaly', enabled: false },
        {
          name: 'checkout_slow',
          signal: 'latency',
          services: ['checkout-*'],
          breach: { above: 800 },
          for: '2m',
        },
      ],
    });
    expect(rules[0]).toMatchObject({ points: { need: 3, of: 5 }, breach: { above: 0.1 } });
    expect(rules.find(({ name }) => name === 'anomaly')?.enabled).toBe(false);
    expect(rules.at(-1)).toMatchObject({ name: 'checkout_slow', for: 120_000, clearAfter: 60_000 });
  });

  it.each([
    ['{', 'no JSON'],
    ['{"rules":[{"name":"Bad Name","signal":"latency","breach":{"above":1}}]}', 'lower case letters'],
    ['{"rules":[{"name":"own","signal":"latency","breach":{}}]}', 'at least one condition'],
    ['{"rules":[{"name":"own","signal":"speed","breach":{"above":1}}]}', 'silence'],
    ['{"rules":[{"name":"latency","for":"soon"}]}', '"soon" is not valid'],
    ['{"rules":[{"name":"latency","points":{"need":4,"of":3}}]}', 'need must not be more than of'],
    ['{"objectives":[{"services":["*"],"target":1}]}', '<1'],
    ['{"maintenance":[{"name":"move"}]}', 'needs from and until, or hours'],
    ['{"routes":[{"channels":["fax"]}]}', 'slack'],
    ['{"routes":[{"channels":["mail"],"hours":{"from":"8:00","to":"25:00"}}]}', '00:00 to 23:59'],
    ['{"channel":"slack"}', 'channel'],
  ])('%s is refused, and the message says what is allowed', (text, said) => {
    expect(() => readAlertConfig(text)).toThrow(said);
  });
});

describe('a pattern of names', () => {
  it.each([
    ['payment', 'payment', true],
    ['payment', 'pay*', true],
    ['payment-eu-1', 'payment-*-1', true],
    ['payment', '*', true],
    ['payment', 'pay', false],
    ['aa', 'a*aa', false],
    ['a.c', 'a?c', false],
    ['Payment', 'pay*', false],
  ])('%s fits %s: %s', (name, pattern, expected) => {
    expect(fits(name, pattern)).toBe(expected);
  });
});

describe('the tier of a service', () => {
  const config = alertConfig({ tiers: { critical: ['pay*'], low: ['*-test', 'payment-test'] } });
  it.each([
    ['payment', 'critical'],
    ['search-test', 'low'],
    ['search', 'standard'],
  ])('of %s is %s', (service, tier) => {
    expect(tierOf(service, config)).toBe(tier);
  });
});

describe('hours of the week', () => {
  const night: Hours = { from: 22 * 60, to: 6 * 60, days: ['fri'], zone: 'Europe/Berlin' };
  it.each([
    ['2026-11-20T21:30:00Z', true],
    ['2026-11-21T04:59:00Z', true],
    ['2026-11-21T05:00:00Z', false],
    ['2026-11-21T21:30:00Z', false],
    // The night in which the clock goes back has an hour more.
    ['2026-10-23T20:30:00Z', true],
  ])('%s is in the night of Friday: %s', (at, expected) => {
    expect(within(night, Date.parse(at))).toBe(expected);
  });
});

describe('a silence', () => {
  const labels = { service: 'payment', rule: 'latency', severity: 'page', tier: 'critical' } as const;
  const silence = {
    id: 's1',
    match: { service: 'pay*', rule: 'latency' },
    fromMs: 1_000,
    untilMs: 2_000,
    author: 'ana',
    comment: 'known',
  };

  it('holds back what has its labels, until it expires', () => {
    expect(silencedBy(labels, [silence], [], 1_500)).toBe('silence s1 of ana');
    expect(silencedBy({ ...labels, rule: 'error_spike' }, [silence], [], 1_500)).toBeNull();
    expect(silencedBy(labels, [silence], [], 2_000)).toBeNull();
  });

  it('is what a maintenance window is, planned', () => {
    const { maintenance } = alertConfig({
      maintenance: [
        { name: 'database move', match: { tier: 'critical' }, hours: { from: '02:00', to: '03:00' } },
      ],
    });
    expect(silencedBy(labels, [], maintenance, Date.UTC(2026, 10, 21, 2, 30))).toBe(
      'maintenance database move',
    );
    expect(silencedBy(labels, [], maintenance, Date.UTC(2026, 10, 21, 3, 0))).toBeNull();
  });
});
