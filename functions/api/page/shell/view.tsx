/** The view of a route: its code comes when it is first shown. */
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Empty, Failure, Waiting } from '../element/panel.tsx';
import type { Route, View } from '../route.ts';

export interface ViewProps {
  /** What stands behind the view in the path; null: nothing. */
  readonly name: string | null;
}

type ViewComponent = ComponentType<ViewProps>;

const LOADERS: Readonly<Record<View, () => Promise<ViewComponent>>> = {
  overview: async () => (await import('../overview/overview.tsx')).Overview,
  services: async () => (await import('../service/services.tsx')).ServicesView,
  explore: async () => (await import('../explore/explore.tsx')).Explore,
  alerts: async () => (await import('../alerts/alerts.tsx')).Alerts,
  sql: async () => (await import('../sql/sql.tsx')).Sql,
  models: async () => (await import('../models/models.tsx')).ModelsView,
  pipeline: async () => (await import('../pipeline/pipeline.tsx')).PipelineView,
  experiments: async () => (await import('../experiments/experiments.tsx')).ExperimentsView,
};

const TITLES: Readonly<Record<View, string>> = {
  overview: 'Overview',
  services: 'Services',
  explore: 'Explore',
  alerts: 'Alerts',
  sql: 'SQL',
  models: 'Models',
  pipeline: 'Pipeline',
  experiments: 'Experiments',
};

export const titleOf = (view: Route['view']): string => (view === 'nowhere' ? 'Not found' : TITLES[view]);

const loaded = new Map<View, ViewComponent>();

export function ViewOf({ route }: { route: Route }) {
  const { view, name } = route;
  const [, setCount] = useState(0);
  const [error, setError] = useState<Error | null>(null);
  useEffect(() => {
    document.title = `${name ?? titleOf(view)} · Logweir`;
    if (view === 'nowhere' || loaded.has(view)) return;
    setError(null);
    LOADERS[view]().then((component) => {
      loaded.set(view, component);
      setCount((count) => count + 1);
    }, setError);
  }, [view, name]);
  if (view === 'nowhere') {
    return (
      <Empty title="There is no such page">
        <a href="/">Go to the overview</a>
      </Empty>
    );
  }
  const Found = loaded.get(view);
  if (Found !== undefined) return <Found key={name ?? ''} name={name} />;
  return error === null ? <Waiting lines={8} /> : <Failure error={error} retry={() => location.reload()} />;
}
