/** What the paths of the API work with; each is opened when it is first needed. */
import type { Channel } from '../alert/channel/channel.ts';
import type { Board } from '../alert/incident.ts';
import type { ContentContext } from '../alert/message/content.ts';
import type { AlertStore } from '../alert/store.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import type { Assets } from './assets.ts';
import { type Principal, servicePattern } from './auth/principal.ts';
import type { ModelKeeper } from './model-keeper.ts';
import { type Ask, type Condition, text, when } from './question.ts';
import type { SqlRunner } from './sql-runner.ts';
import type { Feed } from './tail/feed.ts';
import type { Webhooks } from './webhook-trial.ts';

export interface ApiSettings {
  readonly tenantLabel: string;
  readonly tierAfterMs: number;
  readonly windowSizeMs: number;
  readonly zone: string;
  /** Whether any statement is run. */
  readonly sql: boolean;
}

/** What is needed to change something about alerts. */
export interface Operations {
  readonly store: AlertStore;
  readonly channels: readonly Channel[];
  readonly content: ContentContext;
}

export interface ApiContext {
  readonly ask: Ask;
  readonly settings: ApiSettings;
  readonly assets: Pick<Assets, 'queries' | 'schema' | 'cost'>;
  /** null: there is no topic to listen to. */
  readonly feed: Feed | null;
  /** Incidents and silences as they stand, at most half a second old. */
  readonly board: () => Promise<Board>;
  readonly operations: () => Promise<Operations>;
  readonly warehouse: () => Promise<Warehouse>;
  readonly runSql: SqlRunner;
  /** Publishes bytes to the topic of the logs; null: there is none. */
  readonly publish: ((data: Buffer, attributes: Readonly<Record<string, string>>) => Promise<string>) | null;
  readonly webhooks: () => Promise<Webhooks>;
  /** null: this deployment has no models. */
  readonly models: ModelKeeper | null;
}

/** Rows about services that somebody sees; null: all. */
export function ownServices(principal: Principal, column = 'service'): Condition | null {
  const pattern = servicePattern(principal);
  return pattern === null
    ? null
    : when(`REGEXP_CONTAINS(${column}, @own_services)`, { own_services: text(pattern) });
}
