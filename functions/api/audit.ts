/**
 * Who asked what: one line of the log for each request, with names of parameters and the ids in the path, never what was
 * searched for, a body or a token.
 */
import { log } from '../log.ts';
import { INFO, NOTICE, WARNING } from '../parse/severity.ts';
import type { Principal } from './auth/principal.ts';

export interface Audited {
  readonly requestId: string;
  readonly method: string;
  /** As the route has it. */
  readonly route: string;
  readonly url: URL;
  readonly status: number;
  readonly ms: number;
  readonly principal: Principal | null;
  /** Code of the fault; null: none. */
  readonly fault: string | null;
}

/** Parameters whose values are ids and choices, and tell of nobody. */
const SHOWN = new Set([
  'from',
  'to',
  'service',
  'severity',
  'min_severity',
  'status',
  'anomaly',
  'limit',
  'sort',
]);
const MAX_CHARS = 300;

export function audit({ requestId, method, route, url, status, ms, principal, fault }: Audited): void {
  const severity =
    status >= 500 || status === 401 || status === 403 ? WARNING : method === 'GET' ? INFO : NOTICE;
  const asked = [...url.searchParams].map(([name, value]) =>
    SHOWN.has(name) ? `${name}=${value}` : `${name}=…`,
  );
  log(severity, 'api', 'asked', {
    request_id: requestId,
    who: principal?.name ?? null,
    by: principal?.by ?? null,
    role: principal?.role ?? null,
    tenant: principal?.tenant ?? null,
    method,
    route,
    path: url.pathname.slice(0, MAX_CHARS),
    asked: asked.join('&').slice(0, MAX_CHARS),
    status,
    fault,
    ms: Math.round(ms),
  });
}
