/** An entry opened: its fields, its message whole, the lines around it, its trace. */
import { useState } from 'preact/hooks';
import type { LogContext, LogEntry } from '../../schema/logs.ts';
import { api } from '../api.ts';
import { Icon } from '../element/icon.tsx';
import { Empty, Shown } from '../element/panel.tsx';
import { Raw, ServiceLink, Severity, Time, visible } from '../element/text.tsx';
import { latencyText } from '../number.ts';
import { useResource } from '../resource.ts';
import { ContextLines } from './context-lines.tsx';
import { Labels } from './labels.tsx';

export interface EntryDetailProps {
  readonly id: string;
  readonly at: string;
  /** What the list has of it already, so that it is there at once. */
  readonly known: LogEntry | undefined;
  readonly onClose: () => void;
  readonly onFilter: (name: string, value: string) => void;
  readonly onOpen: (entry: LogEntry) => void;
}

type Tab = 'entry' | 'around' | 'trace';

export function EntryDetail({ id, at, known, onClose, onFilter, onOpen }: EntryDetailProps) {
  const [tab, setTab] = useState<Tab>('entry');
  const context = useResource(`context ${id} ${at}`, (signal) => api.context(id, { at }, signal));
  const found = context.stale ? undefined : context.data;
  const entry = found?.entry ?? known;
  const tabs: readonly (readonly [Tab, string])[] = [
    ['entry', 'Entry'],
    ['around', 'Lines around'],
    ['trace', `Trace${found === undefined ? '' : ` (${found.trace.length})`}`],
  ];
  return (
    <aside class="detail" aria-label="Entry">
      <header class="detail-head">
        <div class="tabs" role="group" aria-label="What to show">
          {tabs.map(([name, text]) => (
            <button
              type="button"
              key={name}
              class="tab"
              aria-pressed={tab === name}
              onClick={() => setTab(name)}
            >
              {text}
            </button>
          ))}
        </div>
        <button type="button" class="button quiet square" aria-label="Close the entry" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <div
        class="detail-body"
        tabIndex={0}
        role="region"
        aria-label={tabs.find(([name]) => name === tab)![1]}
      >
        {tab === 'entry' ? (
          entry !== undefined ? (
            <Fields entry={entry} onFilter={onFilter} />
          ) : (
            <Shown of={context}>{(data) => <Fields entry={data.entry} onFilter={onFilter} />}</Shown>
          )
        ) : (
          <Shown of={context} lines={10}>
            {(data) => <Around tab={tab} context={data} onOpen={onOpen} />}
          </Shown>
        )}
      </div>
    </aside>
  );
}

function Around({
  tab,
  context,
  onOpen,
}: {
  tab: Tab;
  context: LogContext;
  onOpen: (entry: LogEntry) => void;
}) {
  const { entry, before, after, trace } = context;
  if (tab === 'around')
    return <ContextLines entries={[...before, entry, ...after]} here={entry.insert_id} onOpen={onOpen} />;
  if (trace.length === 0) {
    return <Empty title="No trace">This entry carries no trace id, so its request cannot be followed.</Empty>;
  }
  return <ContextLines entries={trace} here={entry.insert_id} onOpen={onOpen} withService />;
}

function Fields({ entry, onFilter }: { entry: LogEntry; onFilter: (name: string, value: string) => void }) {
  const filter = (name: string, value: string | null) =>
    value === null ? null : (
      <button
        type="button"
        class="button tiny quiet"
        onClick={() => onFilter(name, value)}
        title={`Filter by ${name}`}
      >
        filter
      </button>
    );
  const facts: readonly (readonly [string, string | number | null, string?])[] = [
    ['HTTP status', entry.http_status, 'status'],
    ['latency', entry.latency_ms === null ? null : latencyText(entry.latency_ms)],
    ['error code', entry.error_code],
    ['trace', entry.trace_id, 'trace'],
    ['span', entry.span_id],
    ['request', entry.request_id],
    ['user', entry.user_id],
    ['instance', entry.instance],
    ['pattern', entry.pattern_id, 'pattern'],
    ['format', entry.format],
    ['id', entry.insert_id],
  ];
  return (
    <>
      <pre class="message">
        <bdi>{visible(entry.message)}</bdi>
      </pre>
      {entry.anomaly_score > 0 && (
        <p class="note-line">
          Anomaly score <b>{entry.anomaly_score}</b>: {entry.anomaly_reasons.join(', ')}
        </p>
      )}
      <dl class="fields">
        <dt>service</dt>
        <dd>
          <ServiceLink name={entry.service} />
          {filter('service', entry.service)}
        </dd>
        <dt>severity</dt>
        <dd>
          <Severity name={entry.severity} /> {entry.severity}
          {filter('severity', entry.severity)}
        </dd>
        <dt>time</dt>
        <dd>
          <Time at={entry.timestamp} millis />
          <span class="muted">from {entry.timestamp_source}</span>
        </dd>
        <dt>received</dt>
        <dd>
          <Time at={entry.received_at} millis />
        </dd>
        {facts.map(([name, value, parameter]) =>
          value === null ? null : (
            <>
              <dt key={`${name} name`}>{name}</dt>
              <dd key={name} class="mono">
                <Raw text={String(value)} />
                {parameter !== undefined && filter(parameter, String(value))}
              </dd>
            </>
          ),
        )}
      </dl>
      <Labels labels={entry.labels} />
    </>
  );
}
