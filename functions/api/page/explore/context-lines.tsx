/** The lines around an entry, or those of its trace, in order of time. */
import type { LogEntry } from '../../schema/logs.ts';
import { Severity, Time, visible } from '../element/text.tsx';
import { toneOf } from '../severity.ts';

export interface ContextLinesProps {
  readonly entries: readonly LogEntry[];
  /** Insert id of the entry itself. */
  readonly here: string;
  readonly onOpen: (entry: LogEntry) => void;
  /** They are of several services. */
  readonly withService?: boolean;
}

export const ContextLines = ({ entries, here, onOpen, withService = false }: ContextLinesProps) => (
  <ol class="context">
    {entries.map((entry) => (
      <li key={entry.insert_id}>
        <button
          type="button"
          class={`context-line edge-${toneOf(entry.severity)}`}
          aria-current={entry.insert_id === here ? 'true' : undefined}
          onClick={() => onOpen(entry)}
        >
          <Time at={entry.timestamp} as="clock" millis />
          <Severity name={entry.severity} />
          <bdi class="mono context-text">
            {withService && <b>{visible(entry.service)} </b>}
            {visible(entry.message.slice(0, 400))}
          </bdi>
        </button>
      </li>
    ))}
  </ol>
);
