/** Pipeline: does it keep up, what did it refuse, how often did windows fire again, what would it cost. */
import { useState } from 'preact/hooks';
import type { Pipeline } from '../../schema/pipeline.ts';
import { api } from '../api.ts';
import { Empty, Panel, Shown } from '../element/panel.tsx';
import { countText, latencyText, shortCount } from '../number.ts';
import { Tile } from '../overview/tiles.tsx';
import { useResource } from '../resource.ts';
import { me, refusal } from '../who.ts';
import { PipelineCharts } from './charts.tsx';
import { Cost } from './cost.tsx';
import { DeadLetters } from './dead-letters.tsx';

const RANGES = [
  [15, '15 min'],
  [60, '1 h'],
  [360, '6 h'],
  [1440, '24 h'],
] as const;

export function PipelineView() {
  const [minutes, setMinutes] = useState<number>(60);
  const refused = refusal('pipeline');
  const found = useResource(`pipeline ${minutes}`, (signal) => api.pipeline({ minutes }, signal), {
    everyMs: 10_000,
    when: me.value !== null && refused === null,
  });
  if (me.value !== null && refused !== null) return <Empty title="Not shown here">{refused}</Empty>;
  const { data } = found;
  return (
    <div class="stack">
      <div class="row" role="group" aria-label="Range">
        {RANGES.map(([value, text]) => (
          <button
            type="button"
            key={value}
            class="button tiny"
            aria-pressed={minutes === value}
            onClick={() => setMinutes(value)}
          >
            {text}
          </button>
        ))}
      </div>
      <Totals data={data} />
      <Panel title="Minute by minute">
        <Shown of={found} lines={14}>
          {(data) => <PipelineCharts pipeline={data} />}
        </Shown>
      </Panel>
      <div class="halves">
        <Panel title="Revisions" note="how often windows fired">
          <Shown of={found}>
            {({ revisions, totals }) =>
              revisions.length === 0 ? (
                <Empty title="No windows yet" />
              ) : (
                <ul class="bars three">
                  {revisions.slice(0, 8).map(({ revision, windows }) => (
                    <li key={revision}>
                      <span>{revision === 1 ? 'once' : `${revision} times`}</span>
                      <span class="bar-track" aria-hidden="true">
                        <span
                          class="bar-fill"
                          style={{ width: `${(windows / Math.max(1, totals.windows)) * 100}%` }}
                        />
                      </span>
                      <span class="bar-count">{countText(windows)}</span>
                    </li>
                  ))}
                </ul>
              )
            }
          </Shown>
        </Panel>
        <Panel
          title="Cost per day"
          note={data?.cost && `on Google Cloud at this load, prices of ${data.cost.prices_as_of}`}
        >
          <Shown of={found}>{({ cost }) => <Cost cost={cost} />}</Shown>
        </Panel>
      </div>
      <DeadLetters />
    </div>
  );
}

function Totals({ data }: { data: Pipeline | undefined }) {
  const totals = data?.totals;
  const last = data?.minutes.findLast(({ shipping_mean_ms }) => shipping_mean_ms !== null);
  const delay = data?.minutes.findLast(({ window_delay_mean_ms }) => window_delay_mean_ms !== null);
  return (
    <div class="tiles">
      <Tile
        title="Throughput"
        value={
          <>
            {shortCount(totals?.entries_per_second)}
            <small> entries/s</small>
          </>
        }
        note={totals && `${shortCount(totals.entries)} in the range`}
      />
      <Tile
        title="Lag, event to Pub/Sub"
        value={latencyText(last?.shipping_mean_ms)}
        note={last && `at most ${latencyText(last.shipping_max_ms)}`}
      />
      <Tile
        title="Lag, window to row"
        value={latencyText(delay?.window_delay_mean_ms)}
        note="after the end of the window"
      />
      <Tile
        title="Windows"
        value={shortCount(totals?.windows)}
        note={totals && `${countText(totals.revised)} revised`}
      />
      <Tile
        title="Dead letters"
        value={shortCount(totals?.dead_letters)}
        note="could not be read"
        bad={(totals?.dead_letters ?? 0) > 0}
      />
      <Tile
        title="Late entries"
        value={shortCount(totals?.late_entries)}
        note="beyond the allowed lateness"
        bad={(totals?.late_entries ?? 0) > 0}
      />
    </div>
  );
}
