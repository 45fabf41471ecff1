/** One entry in one line. Whatever it holds is text: no markup, no direction that reaches beyond it. */
import type { LogEntry } from '../../schema/logs.ts';
import { Severity, Time, visible } from '../element/text.tsx';
import { countText, latencyText } from '../number.ts';
import type { Row } from '../rows.ts';
import { toneOf } from '../severity.ts';
import { clockText, durationText } from '../time.ts';
import { partsOf } from './highlight.ts';

export const ROW_HEIGHT = 24;
/** A line shows no more; the whole stands in the detail. */
const SHOWN_CHARS = 600;

export function EntryRow({ entry, words }: { entry: LogEntry; words: readonly string[] }) {
  const { timestamp, severity, service, message, http_status, latency_ms, anomaly_score } = entry;
  return (
    <div class={`entry edge-${toneOf(severity)}`}>
      <Time at={timestamp} as="clock" millis />
      <Severity name={severity} />
      <bdi class="entry-service" title={service}>
        {visible(service)}
      </bdi>
      <Message text={message} words={words} />
      <span class="entry-facts">
        {http_status !== null && (
          <span class={http_status >= 500 ? 'tone-error' : http_status >= 400 ? 'tone-warning' : 'muted'}>
            {http_status}
          </span>
        )}
        {latency_ms !== null && (
          <span class={latency_ms > 3000 ? 'tone-warning' : 'muted'}>{latencyText(latency_ms)}</span>
        )}
        {anomaly_score > 0 && (
          <span
            class="entry-score"
            title={`Anomaly score ${anomaly_score}: ${entry.anomaly_reasons.join(', ')}`}
          >
            {anomaly_score}
          </span>
        )}
      </span>
    </div>
  );
}

function Message({ text, words }: { text: string; words: readonly string[] }) {
  const line = visible(text.slice(0, SHOWN_CHARS).replace(/\r?\n/g, ' ⏎ '));
  return (
    <bdi class="entry-message mono">
      {partsOf(line, words).map(({ text, found }, index) => (found ? <mark key={index}>{text}</mark> : text))}
    </bdi>
  );
}

/** Entries that are not there: the list says so in their place. */
export const GapRow = ({ gap }: { gap: Extract<Row, { kind: 'gap' }> }) => (
  <div class="entry-gap">
    {gap.dropped === null ? 'Connection lost' : `${countText(gap.dropped)} entries not sent`}
    <span class="muted">
      {clockText(gap.fromMs)} to {clockText(gap.toMs)}, {durationText(gap.toMs - gap.fromMs)}
    </span>
  </div>
);
