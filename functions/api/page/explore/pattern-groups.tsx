/** What was found, by pattern: many lines become few. */
import type { LogStats } from '../../schema/logs.ts';
import { Empty, Shown } from '../element/panel.tsx';
import { Raw } from '../element/text.tsx';
import { countText, percentText } from '../number.ts';
import type { Resource } from '../resource.ts';
import { setQuery } from '../route.ts';

export function PatternGroups({ stats }: { stats: Resource<LogStats> }) {
  return (
    <section class="list" aria-label="Patterns of the entries found">
      <div class="list-head">
        <span class="muted">The most frequent patterns, at most 20</span>
      </div>
      <Shown of={stats} lines={10}>
        {({ facets, total }) =>
          facets.pattern.length === 0 ? (
            <Empty title="No patterns">No entry of this search has one.</Empty>
          ) : (
            <ol class="groups">
              {facets.pattern.map(({ value, count, template }) => (
                <li key={value}>
                  <button type="button" onClick={() => setQuery({ pattern: value, group: null })}>
                    <span class="group-count">
                      <b>{countText(count)}</b>{' '}
                      <span class="muted">{percentText(count / Math.max(1, total))}</span>
                    </span>
                    <span class="bar-track" aria-hidden="true">
                      <span
                        class="bar-fill"
                        style={{ width: `${(count / Math.max(1, facets.pattern[0]!.count)) * 100}%` }}
                      />
                    </span>
                    <span class="mono">
                      <Raw text={template ?? value} />
                    </span>
                  </button>
                </li>
              ))}
            </ol>
          )
        }
      </Shown>
    </section>
  );
}
