/** Who looks at the page, and what they may do; controls ask here and say why they are off. */
import { computed, signal } from '@preact/signals';
import type { Me } from '../schema/principal.ts';

export const me = signal<Me | null>(null);

export type Can = keyof Me['can'];

const NEEDED: Readonly<Record<Can, string>> = {
  sql: 'SQL needs the role analyst, and a deployment that allows it.',
  feedback: 'Feedback needs the role analyst.',
  operate: 'This needs the role operator.',
  webhooks: 'Webhooks need the role admin.',
  models: 'Changing models needs the role admin.',
  pipeline: 'The pipeline is shown to those who see all tenants.',
};

/** Why something is not allowed; null: it is. */
export const refusal = (can: Can): string | null => {
  if (me.value === null) return 'Nobody is signed in.';
  return me.value.can[can] ? null : NEEDED[can];
};

export const isOfTenant = computed(() => me.value?.tenant != null);
/** The API refuses views of the whole system to a tenant, and SQL's saved queries to a viewer. */
export const mayExport = computed(() => me.value !== null && me.value.role !== 'viewer');
