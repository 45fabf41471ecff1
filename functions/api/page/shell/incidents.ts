/** The open incidents, asked for once for the whole page: who watches gets them within a second. */
import { computed, signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Incidents } from '../../schema/alerts.ts';
import { api } from '../api.ts';
import { type Resource, useResource } from '../resource.ts';

export const latestIncidents = signal<Incidents | null>(null);

export const openIncidents = computed(
  () => latestIncidents.value?.items.filter(({ resolved_at }) => resolved_at === null).length ?? 0,
);

/** Open incidents and those of late; each second where they are looked at. */
export function useIncidents(everyMs = 1000): Resource<Incidents> {
  const found = useResource('incidents', (signal) => api.incidents({}, signal), { everyMs });
  useEffect(() => {
    if (found.data !== undefined) latestIncidents.value = found.data;
  }, [found.data]);
  return found;
}
