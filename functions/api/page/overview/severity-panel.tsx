/** How entries split by severity. */
import type { LogStats } from '../../schema/logs.ts';
import { Empty, Panel, Shown } from '../element/panel.tsx';
import { countText, percentText } from '../number.ts';
import type { Resource } from '../resource.ts';
import { patched, place } from '../route.ts';
import { SEVERITIES, toneOf } from '../severity.ts';

export const SeverityPanel = ({ stats }: { stats: Resource<LogStats> }) => (
  <Panel title="Severities">
    <Shown of={stats} lines={5}>
      {(data) => (data.total === 0 ? <Empty title="No entries in this range" /> : <Split stats={data} />)}
    </Shown>
  </Panel>
);

function Split({ stats }: { stats: LogStats }) {
  const counts = new Map(stats.facets.severity.map(({ value, count }) => [value, count]));
  return (
    <ul class="bars">
      {[...SEVERITIES]
        .reverse()
        .filter((name) => (counts.get(name) ?? 0) > 0)
        .map((name) => {
          const count = counts.get(name) ?? 0;
          const width = `${Math.max(0.5, (count / stats.total) * 100)}%`;
          return (
            <li key={name}>
              <a
                href={`/explore?${patched(place.value.query, { severity: name })}`}
                class={`tone-${toneOf(name)}`}
              >
                {name}
              </a>
              <span class="bar-track" aria-hidden="true">
                <span class={`bar-fill fill-${toneOf(name)}`} style={{ width }} />
              </span>
              <span class="bar-count">{countText(count)}</span>
              <span class="bar-share muted">{percentText(count / stats.total)}</span>
            </li>
          );
        })}
    </ul>
  );
}
