/** Patterns of messages: the most frequent, or those never seen before. */
import type { Pattern, PatternsQuery } from '../../schema/patterns.ts';
import { api } from '../api.ts';
import { Empty, Panel, Shown } from '../element/panel.tsx';
import { Raw, Severity, Time } from '../element/text.tsx';
import { shortCount } from '../number.ts';
import { useResource } from '../resource.ts';

export function PatternPanel({ title, query }: { title: string; query: PatternsQuery }) {
  const found = useResource(`patterns ${JSON.stringify(query)}`, (signal) => api.patterns(query, signal), {
    everyMs: 20_000,
  });
  return (
    <Panel title={title} note={query.new ? 'first seen in the last 24 hours' : undefined}>
      <Shown of={found} lines={5}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={query.new ? 'Nothing new' : 'No patterns yet'}>
              {query.new
                ? 'No message of a new kind was counted yet; they are counted every few minutes.'
                : 'They are counted every few minutes.'}
            </Empty>
          ) : (
            <ul class="patterns">
              {items.map((pattern) => (
                <PatternLine key={pattern.pattern_id} pattern={pattern} isNew={query.new === true} />
              ))}
            </ul>
          )
        }
      </Shown>
    </Panel>
  );
}

const PatternLine = ({ pattern, isNew }: { pattern: Pattern; isNew: boolean }) => (
  <li>
    <Severity name={pattern.severity} />
    <a
      class="mono pattern-text"
      href={`/explore?last=24h&pattern=${encodeURIComponent(pattern.pattern_id)}`}
      title={pattern.template}
    >
      <Raw text={pattern.template} />
    </a>
    <span class="muted">
      {isNew ? <Time at={pattern.first_seen} as="ago" /> : shortCount(pattern.entries)}
    </span>
  </li>
);
