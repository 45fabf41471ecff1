/** Where the data sets of the benches are: the folder named, else LOGWEIR_BENCH_DATA, else ../shared/data/loghub-2k. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const NEIGHBOUR = fileURLToPath(new URL('../../../shared/data/loghub-2k', import.meta.url));

/** The folder; null where there is none. A folder that was named must be there. */
export function dataDirectory(named?: string): string | null {
  const asked = named ?? process.env.LOGWEIR_BENCH_DATA;
  if (asked !== undefined && asked !== '') {
    if (!existsSync(asked)) throw new Error(`no folder ${asked}`);
    return asked;
  }
  return existsSync(NEIGHBOUR) ? NEIGHBOUR : null;
}
