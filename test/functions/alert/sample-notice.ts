/** A notice as tests send it: a cascade of two services, with all evidence. */
import { group, type Notice } from '../../../functions/alert/group.ts';
import { EMPTY_BOARD } from '../../../functions/alert/incident.ts';
import type { Evidence } from '../../../functions/alert/observation.ts';
import {
  type AlertConfig,
  alertConfig,
  CHANNELS,
  type ChannelName,
} from '../../../functions/alert/rules/config.ts';
import { type Change, fingerprintOf } from '../../../functions/alert/service.ts';

export const START = Date.UTC(2026, 10, 20, 10, 15, 20);

export const EVIDENCE: Evidence = {
  patterns: [
    { id: 'p1', template: 'connection to <*> refused', entries: 1204 },
    { id: 'p2', template: 'payment <*> failed', entries: 88 },
  ],
  samples: [
    '10:15:21.120 ERROR connection to db-1 refused',
    '10:15:21.402 ERROR connection to db-2 refused',
    '10:15:22.001 CRITICAL pool exhausted, 0 of 20 connections left',
  ],
  traces: [
    { id: '4bf92f3577b34da6a3ce929d0e0e4736', atMs: START + 1120 },
    { id: '00f067aa0ba902b7', atMs: null },
  ],
  prediction: { probability: 0.93, horizonMs: 300_000, why: 'latency_p99_change, warning_excess' },
  explanation: '52 % errors (620 of 1192), usually 2.1 %',
};

export function changeOf(service: string, atS: number, changed: Partial<Change> = {}): Change {
  const rule = changed.rule ?? 'error_spike';
  const startedAtMs = START + atS * 1000;
  const fingerprint = fingerprintOf(rule, service);
  return {
    ...{ from: 'pending', to: 'firing', reason: 'breach held', signal: 'error_rate', severity: 'page' },
    ...{ rule, service, startedAtMs, fingerprint, alertId: `${fingerprint}-${startedAtMs.toString(36)}` },
    ...{ atMs: startedAtMs + 16_000, value: 0.52, usual: 0.021, evidence: EVIDENCE },
    ...changed,
  };
}

interface Asked {
  readonly config?: AlertConfig;
  readonly channels?: readonly ChannelName[];
}

/** Notices of changes that come one by one. */
export function noticesOf(
  changes: readonly Change[],
  { config = alertConfig({}), channels = CHANNELS }: Asked = {},
) {
  let board = EMPTY_BOARD;
  return changes.flatMap((change): readonly Notice[] => {
    const seriesOf = () => ({ of: 'error rate' as const, values: [0.02, 0.01, 0.03, 0.02, 0.3, 0.52] });
    const next = group(board, [change], { config, channels, nowMs: change.atMs, seriesOf });
    board = next.board;
    return next.notices;
  });
}

/** Opened, a second service joined, one recovered, resolved. */
export const CASCADE: readonly Change[] = [
  changeOf('payment', 0),
  changeOf('api-gateway', 40),
  changeOf('payment', 0, { from: 'firing', to: 'resolved', reason: 'recovery', atMs: START + 250_000 }),
  changeOf('api-gateway', 40, { from: 'firing', to: 'resolved', reason: 'recovery', atMs: START + 270_000 }),
];
