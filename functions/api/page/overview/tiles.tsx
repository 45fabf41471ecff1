/** The figures on top: how much, how bad, how many. */
import type { ComponentChildren } from 'preact';
import type { Incidents } from '../../schema/alerts.ts';
import type { LogStats } from '../../schema/logs.ts';
import type { Services } from '../../schema/services.ts';
import { Sparkline } from '../element/sparkline.tsx';
import { countText, percentText, shortCount } from '../number.ts';
import { patched, place } from '../route.ts';
import type { LiveRate } from './live-rate.ts';

export interface TilesProps {
  readonly stats: LogStats | undefined;
  readonly services: Services | undefined;
  readonly incidents: Incidents | undefined;
  readonly rate: LiveRate;
}

export interface TileProps {
  readonly title: string;
  readonly value: ComponentChildren;
  readonly note?: ComponentChildren;
  readonly bad?: boolean;
  readonly href?: string;
  readonly children?: ComponentChildren;
}

export function Tile({ title, value, note, bad = false, href, children }: TileProps) {
  return (
    <div class={bad ? 'tile is-bad' : 'tile'}>
      <h2>{href === undefined ? title : <a href={href}>{title}</a>}</h2>
      <p class="figure">{value}</p>
      <p class="tile-note">{note ?? '\u00a0'}</p>
      {children}
    </div>
  );
}

export function Tiles({ stats, services, incidents, rate }: TilesProps) {
  const open = incidents?.items.filter(({ resolved_at }) => resolved_at === null);
  const ill = services?.items.filter(({ health }) => health === 'failing' || health === 'degraded');
  const silent = services?.items.filter(({ health }) => health === 'silent').length ?? 0;
  const to = (patch: Record<string, string>): string => `/explore?${patched(place.value.query, patch)}`;
  return (
    <div class="tiles">
      <Tile
        title="Live"
        value={
          <>
            {rate.perSecond === null ? '–' : shortCount(Math.round(rate.perSecond))}
            <small> entries/s</small>
          </>
        }
        note={
          rate.state.phase === 'live'
            ? 'as they arrive'
            : rate.state.phase === 'broken'
              ? 'connection lost, trying again'
              : 'connecting'
        }
        bad={rate.state.phase === 'broken'}
      >
        <div class="tile-spark">
          <Sparkline values={rate.seconds} bad={rate.errors} />
        </div>
      </Tile>
      <Tile
        title="Entries"
        value={<span title={countText(stats?.total)}>{shortCount(stats?.total)}</span>}
        note={stats && perSecond(stats)}
        href={to({})}
      />
      <Tile
        title="Error rate"
        value={percentText(stats?.error_rate)}
        note={stats && `${countText(stats.errors)} errors`}
        href={to({ min_severity: 'ERROR' })}
      />
      <Tile
        title="Anomalous"
        value={shortCount(stats?.anomalies)}
        note="entries that a rule marked"
        href={to({ anomaly: 'true' })}
      />
      <Tile
        title="Not well"
        value={
          <>
            {ill?.length ?? '–'}
            <small>{services === undefined ? '' : ` of ${services.items.length}`}</small>
          </>
        }
        note={silent > 0 ? `${silent} silent` : 'services'}
        bad={(ill?.length ?? 0) > 0}
        href="/services"
      />
      <Tile
        title="Incidents"
        value={open?.length ?? '–'}
        note={
          open === undefined
            ? undefined
            : open.length === 0
              ? 'nothing open'
              : `${open.filter((one) => one.acknowledged_by === null).length} not acknowledged`
        }
        bad={(open?.length ?? 0) > 0}
        href="/alerts"
      />
    </div>
  );
}

const perSecond = ({ from, to, total }: LogStats): string =>
  `${shortCount(total / Math.max(1, (Date.parse(to) - Date.parse(from)) / 1000))}/s on average`;
