/** Log volume by severity, with what happened over it: incidents as bands, anomalous windows as diamonds. */
import { useMemo } from 'preact/hooks';
import type { Incidents } from '../../schema/alerts.ts';
import type { LogStats } from '../../schema/logs.ts';
import type { AnomaliesPage } from '../../schema/windows.ts';
import { Chart, type ChartSeries, type Mark } from '../element/chart.tsx';
import { Panel, Shown } from '../element/panel.tsx';
import { shortCount } from '../number.ts';
import type { Resource } from '../resource.ts';
import { TONES, type Tone, tonesOf } from '../severity.ts';
import { setSpan } from '../span.ts';
import { durationText } from '../time.ts';

export interface VolumePanelProps {
  readonly stats: Resource<LogStats>;
  readonly incidents: Incidents | undefined;
  readonly anomalies: AnomaliesPage | undefined;
}

const COLORS: Readonly<Record<Tone, string>> = {
  critical: '--bar-critical',
  error: '--bar-error',
  warning: '--bar-warning',
  info: '--info-soft',
  debug: '--debug',
};

/** Bars of entries by severity; only tones that are there, but always errors and info. */
export function volumeSeries({ histogram }: Pick<LogStats, 'histogram'>): ChartSeries[] {
  const tones = histogram.map(tonesOf);
  return TONES.filter(
    (tone) => tone === 'error' || tone === 'info' || tones.some((one) => one[tone] > 0),
  ).map((tone) => ({
    label: tone,
    values: tones.map((one) => one[tone]),
    color: COLORS[tone],
    kind: 'bars',
  }));
}

export function VolumePanel({ stats, incidents, anomalies }: VolumePanelProps) {
  const marks = useMemo(() => marksOf(incidents, anomalies), [incidents, anomalies]);
  const bucket = stats.data === undefined ? '' : `${durationText(stats.data.bucket_ms)} a bar`;
  return (
    <Panel title="Log volume" note={bucket} actions={<MarkLegend />} class="volume">
      <Shown of={stats} lines={6}>
        {(data) => <Volume stats={data} marks={marks} height={210} />}
      </Shown>
    </Panel>
  );
}

export function Volume({
  stats,
  marks,
  height,
}: {
  stats: LogStats;
  marks: readonly Mark[];
  height: number;
}) {
  const times = useMemo(() => stats.histogram.map(({ start }) => Date.parse(start)), [stats]);
  const series = useMemo(() => volumeSeries(stats), [stats]);
  const span = useMemo(() => [Date.parse(stats.from), Date.parse(stats.to)] as const, [stats]);
  return (
    <Chart
      label="Log volume by severity"
      height={height}
      times={times}
      series={series}
      stacked
      span={span}
      marks={marks}
      format={shortCount}
      onSpan={setSpan}
    />
  );
}

const MarkLegend = () => (
  <span class="mark-legend muted small" aria-hidden="true">
    <span class="mark-band" /> incident <span class="mark-diamond" /> anomalous window
  </span>
);

function marksOf(incidents: Incidents | undefined, anomalies: AnomaliesPage | undefined): Mark[] {
  const bands = (incidents?.items ?? []).map(
    ({ opened_at, resolved_at, alerts }): Mark => ({
      atMs: Math.min(Date.parse(opened_at), ...alerts.map(({ started_at }) => Date.parse(started_at))),
      toMs: resolved_at === null ? Date.now() : Date.parse(resolved_at),
      shape: 'band',
      color: '--error',
    }),
  );
  const diamonds = (anomalies?.items ?? []).map(
    ({ window_start, verdict }): Mark => ({
      atMs: Date.parse(window_start),
      shape: 'diamond',
      color: verdict === 'page' ? '--error' : '--warning',
    }),
  );
  return [...bands, ...diamonds];
}
