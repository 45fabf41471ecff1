/**
 * The settings with which functions run, for a command that does their work: those of the laptop, or, where the data
 * folder holds what `pulumi stack output functionEnv` says, those of a deployed stack (infra/README.md).
 */
import { type Config, loadConfig } from '../functions/config.ts';
import { PROJECT, readEndpoints } from './endpoints.ts';
import { readFunctionEnv } from './function-env.ts';

/** The settings; the endpoints that Google's clients look for go to the environment. Rejects when it is the laptop's and nothing runs. */
export async function functionConfig(dataDir: string): Promise<Config> {
  const given = await readFunctionEnv(dataDir).catch(async (error: unknown) => {
    // Says more plainly that nothing runs, when that is why.
    await readEndpoints(dataDir);
    throw error;
  });
  if (given.LOGWEIR_PROJECT === PROJECT) await readEndpoints(dataDir);
  const env = Object.entries(given);
  const isSetting = ([name]: readonly [string, string]): boolean => name.startsWith('LOGWEIR_');
  for (const [name, value] of env.filter((one) => !isSetting(one))) process.env[name] = value;
  return loadConfig(Object.fromEntries(env.filter(isSetting)));
}
