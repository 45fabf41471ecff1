/**
 * The incidents that are open or were of late, asked for once for the whole page: each second where they are looked at, so
 * that who watches sees a new one within a second; less often elsewhere, for the count beside Alerts.
 */
import { computed, signal } from '@preact/signals';
import { useLayoutEffect } from 'preact/hooks';
import type { Incidents } from '../../schema/alerts.ts';
import { api } from '../api.ts';
import { type Resource, useResource } from '../resource.ts';
import { route } from '../route.ts';

const NOTHING: Resource<Incidents> = {
  data: undefined,
  error: undefined,
  loading: true,
  stale: true,
  refresh: () => {},
};

export const incidents = signal(NOTHING);

export const openIncidents = computed(
  () => incidents.value.data?.items.filter(({ resolved_at }) => resolved_at === null).length ?? 0,
);

/** Asks for them; the shell does, once. */
export function useIncidents(): void {
  const { view } = route.value;
  const found = useResource('incidents', (signal) => api.incidents({}, signal), {
    everyMs: view === 'overview' || view === 'alerts' ? 1000 : 10_000,
  });
  useLayoutEffect(() => {
    incidents.value = found;
  }, [found.data, found.error, found.loading]);
}
