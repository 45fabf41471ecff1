/** A message that says of itself that it is a test, with all parts that a real one has. */
import type { Delivery } from '../../functions/alert/channel/channel.ts';
import type { AlertMessage } from '../../functions/alert/message/content.ts';

export function trialMessage(nowMs: number): Delivery {
  const key = `test-${nowMs.toString(36)}`;
  const message: AlertMessage = {
    ...{ incidentId: key, kind: 'opened', sequence: 1, severity: 'info', resolved: false },
    title: 'test: this channel works, nothing is wrong',
    ...{ atMs: nowMs, startedAtMs: nowMs, endedAtMs: null },
    ...{ services: ['test'], originWhy: '', lines: [], more: 0, news: [] },
    evidence: {
      patterns: [{ id: 'test', template: 'a pattern with <*>', entries: 1 }],
      samples: ['a line & <marks> that must stay as they are'],
      traces: [],
      prediction: null,
      explanation: 'somebody ran "logweir alerts test"',
    },
    series: { of: 'error rate', values: Array.from({ length: 30 }, (_, i) => i / 30) },
    links: null,
    query: 'SELECT 1',
    acknowledgedBy: null,
  };
  return { key, kind: 'opened', loud: true, message, thread: null, attempt: 1 };
}
