/** Who asks, and whether the system is well. */
import { atLeast } from '../auth/principal.ts';
import type { ApiContext } from '../context.ts';
import { answers, type Route, route } from '../route.ts';
import { type Me, me } from '../schema/principal.ts';

export const meRoutes = ({ settings }: ApiContext): Route[] => [
  route({
    ...{ method: 'GET', path: '/me', tag: 'me', role: 'viewer' },
    summary: 'Who you are here, and what you may',
    answer: answers('Me', me),
    async handle({ principal }): Promise<Me> {
      const { name, by, role, tenant, expiresAtMs } = principal;
      const sees = tenant === null;
      return {
        ...{ name, by, role, tenant },
        expires_at: expiresAtMs === null ? null : new Date(expiresAtMs).toISOString(),
        zone: settings.zone,
        can: {
          sql: settings.sql && sees && atLeast(role, 'analyst'),
          feedback: atLeast(role, 'analyst'),
          operate: atLeast(role, 'operator'),
          webhooks: sees && atLeast(role, 'admin'),
          models: sees && atLeast(role, 'admin'),
          pipeline: sees,
        },
      };
    },
  }),
];
