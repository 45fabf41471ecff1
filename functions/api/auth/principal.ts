/** Who asks. */
import { ROLES, type Role } from '../schema/principal.ts';

export interface Principal {
  /** E-mail address, or the name in the token. */
  readonly name: string;
  readonly by: 'token' | 'google' | 'iap';
  readonly role: Role;
  /** Sees rows of this tenant alone; null: all. */
  readonly tenant: string | null;
  /** Of a tenant: services whose windows and alerts it sees; `*` stands for any characters. */
  readonly services: readonly string[];
  readonly expiresAtMs: number | null;
}

/** Whether a role may what another may. */
export const atLeast = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed);

const SPECIAL = /[.*+?^${}()|[\]\\]/g;

/** Regular expression (RE2 and JavaScript) of the services that a tenant sees; null: all. Nothing fits that of none. */
export function servicePattern({ tenant, services }: Pick<Principal, 'tenant' | 'services'>): string | null {
  if (tenant === null) return null;
  if (services.length === 0) return '^\\b\\B$';
  const each = services.map((glob) =>
    glob
      .split('*')
      .map((part) => part.replace(SPECIAL, '\\$&'))
      .join('(?:.|\\n)*'),
  );
  return `^(?:${each.join('|')})$`;
}

/** Whether somebody sees what is told of a service. */
export function sees(principal: Pick<Principal, 'tenant' | 'services'>, service: string): boolean {
  const pattern = servicePattern(principal);
  return pattern === null || new RegExp(pattern, 's').test(service);
}
