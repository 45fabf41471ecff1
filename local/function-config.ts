/** The settings with which the laptop's functions run, for a command that does their work. */
import { type Config, loadConfig } from '../functions/config.ts';
import { readEndpoints } from './endpoints.ts';
import { readFunctionEnv } from './function-env.ts';

/** The settings; the endpoints that Google's clients look for go to the environment. Rejects when nothing runs. */
export async function functionConfig(dataDir: string): Promise<Config> {
  await readEndpoints(dataDir);
  const env = Object.entries(await readFunctionEnv(dataDir));
  const isSetting = ([name]: readonly [string, string]): boolean => name.startsWith('LOGWEIR_');
  for (const [name, value] of env.filter((one) => !isSetting(one))) process.env[name] = value;
  return loadConfig(Object.fromEntries(env.filter(isSetting)));
}
