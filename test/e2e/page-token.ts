/** The page of a laptop cloud, with a token of a role in its address. */
import { signToken } from '../../functions/api/auth/token.ts';
import type { Role } from '../../functions/api/schema/principal.ts';
import { apiKey } from '../../local/api-key.ts';
import type { Laptop } from './laptop.ts';

export async function tokenFor({ cloud }: Laptop, role: Role): Promise<string> {
  const nowMs = Date.now();
  const claims = { name: `a ${role}`, role, tenant: null, expiresAtMs: nowMs + 3_600_000 } as const;
  return signToken(claims, await apiKey(cloud.dataDir), nowMs);
}
