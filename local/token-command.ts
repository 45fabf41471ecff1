/** `logweir token`: a token for the API and the page, of the laptop's or, by LOGWEIR_API_KEY, of a deployment's. */
import { Command, Option } from 'commander';
import { signToken } from '../functions/api/auth/token.ts';
import { ROLES, type Role } from '../functions/api/schema/principal.ts';
import { duration } from '../functions/setting-kinds.ts';
import { DEFAULT_DATA_DIR, findEndpoints } from './endpoints.ts';
import { readFunctionEnv } from './function-env.ts';

interface TokenOptions {
  readonly role: Role;
  readonly tenant?: string;
  readonly for: string;
  readonly name: string;
  readonly dataDir: string;
}

const lasting = duration(60_000, 366 * 86_400_000);

/** The command. */
export const tokenCommand = (): Command =>
  new Command('token')
    .description('make a token for the API and the page')
    .addOption(new Option('--role <role>', 'what it may').choices(ROLES).default('viewer'))
    .option('--tenant <name>', 'sees the rows of this tenant alone')
    .option('--for <time>', 'how long it is good', '1d')
    .option('--name <who>', 'who asks, for the audit log', process.env.USER ?? 'somebody')
    .option('--data-dir <folder>', 'data folder of "logweir start"', DEFAULT_DATA_DIR)
    .action(async ({ role, tenant, name, dataDir, for: text }: TokenOptions) => {
      const ms = lasting.parse(text);
      if (ms === undefined) throw new Error(`--for ${text} is not valid; allowed: ${lasting.allowed}`);
      const key = process.env.LOGWEIR_API_KEY ?? (await readFunctionEnv(dataDir)).LOGWEIR_API_KEY;
      if (!key) throw new Error('there is no key: LOGWEIR_API_KEY is not set');
      const nowMs = Date.now();
      const token = await signToken(
        { name, role, tenant: tenant ?? null, expiresAtMs: nowMs + ms },
        key,
        nowMs,
      );
      console.log(token);
      const endpoints = await findEndpoints(dataDir).catch(() => null);
      if (endpoints !== null && process.env.LOGWEIR_API_KEY === undefined)
        console.error(`the page with it: ${endpoints.page}/#token=${token}`);
    });
