/** What the paths of the API work with; each is opened when it is first needed. */
import type { AlertStore } from '../alert/store.ts';
import type { Principal } from './auth/principal.ts';
import { servicePattern } from './auth/principal.ts';
import { type Ask, type Condition, text, when } from './question.ts';
import type { Feed } from './tail/feed.ts';

export interface ApiSettings {
  readonly tenantLabel: string;
  readonly tierAfterMs: number;
  readonly windowSizeMs: number;
  readonly zone: string;
  readonly sql: boolean;
}

export interface ApiContext {
  readonly ask: Ask;
  readonly settings: ApiSettings;
  /** null: there is no topic to listen to. */
  readonly feed: Feed | null;
  readonly alerts: () => Promise<AlertStore>;
}

/** Rows about services that somebody sees; null: all. */
export function ownServices(principal: Principal, column = 'service'): Condition | null {
  const pattern = servicePattern(principal);
  return pattern === null
    ? null
    : when(`REGEXP_CONTAINS(${column}, @own_services)`, { own_services: text(pattern) });
}
