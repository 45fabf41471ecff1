/**
 * The rules that run unless the configuration says otherwise; thresholds from DESIGN.md (error rate > 5 × usual and
 * > 0.1; |z| > 3 of mean latency), with counts of windows and deviations added so that chance alone breaks none of them
 * more than now and then: 200 services have 1.7 million windows a day, and |z| > 3 holds for 4,600 of them by chance.
 * test/bench/alerts.ts measures what they find and how often they are wrong.
 */
import type { RuleText } from './rule.ts';

/** Services that a failure of Logweir itself is told under. */
export const PIPELINE = 'logweir';

const ALL_TICKET = { critical: 'ticket', standard: 'ticket', low: 'ticket' } as const;
const ALL_INFO = { critical: 'info', standard: 'info', low: 'info' } as const;
const HALF = { critical: 'ticket', standard: 'ticket', low: 'info' } as const;
const ALL_PAGE = { critical: 'page', standard: 'page', low: 'page' } as const;

export const DEFAULT_RULES: readonly RuleText[] = [
  {
    name: 'error_spike',
    signal: 'error_rate',
    breach: { above: 0.1, timesUsual: 3, deviations: 4, entries: 5 },
    certain: { above: 0.25, timesUsual: 3, deviations: 6, entries: 8 },
    points: { need: 2, of: 3 },
  },
  {
    name: 'latency',
    signal: 'latency',
    breach: { decided: true, timesUsual: 1.5, entries: 5 },
    certain: { decided: true, timesUsual: 3, entries: 8 },
    points: { need: 3, of: 4 },
  },
  {
    name: 'degradation',
    signal: 'degradation',
    // The detector has looked at several windows already.
    breach: { decided: true },
    severity: HALF,
  },
  {
    name: 'silence',
    signal: 'silence',
    breach: { decided: true },
    // No window is what it is about: only a window with entries ends it.
    noData: 'keep',
    clearAfter: '10s',
  },
  {
    name: 'new_error_pattern',
    signal: 'new_pattern',
    breach: { above: 0 },
    certain: { above: 4 },
    points: { need: 2, of: 6 },
    clearAfter: '5m',
    severity: HALF,
  },
  {
    name: 'anomaly',
    signal: 'anomaly',
    breach: { decided: true },
    points: { need: 3, of: 4 },
    severity: ALL_INFO,
  },
  {
    name: 'predicted_failure',
    signal: 'failure',
    // The model's own threshold, which was chosen for few wrong calls.
    breach: { decided: true },
    certain: { decided: true, above: 0.9 },
    points: { need: 2, of: 3 },
    clearAfter: '2m',
    severity: HALF,
  },
  {
    name: 'slo_burn',
    signal: 'burn_rate',
    breach: { above: 1 },
    clearAfter: '2m',
  },
  {
    name: 'pipeline_lag',
    signal: 'lag',
    services: [PIPELINE],
    breach: { above: 120_000 },
    for: '60s',
    severity: ALL_TICKET,
  },
  {
    name: 'dead_letters',
    signal: 'dead_letters',
    services: [PIPELINE],
    breach: { above: 100 },
    severity: ALL_TICKET,
    clearAfter: '5m',
  },
  {
    name: 'failed_writes',
    signal: 'failed_writes',
    services: [PIPELINE],
    breach: { above: 0 },
    severity: ALL_PAGE,
    clearAfter: '5m',
  },
  {
    name: 'model_fallback',
    signal: 'model_fallback',
    services: [PIPELINE],
    breach: { above: 0.5 },
    for: '5m',
    severity: ALL_TICKET,
    clearAfter: '5m',
  },
];
