/**
 * The lifecycle of a stack's archive bucket: the rules that the functions go by (functions/archive/lifecycle.ts), with
 * what a stack sets otherwise because of the bill: raw messages kept for less long than cold days, and cold days put
 * into a colder class at once, as few read them. The bill (local/cost) is reckoned by the same rules.
 */
import { COLD_PREFIX, RAW_PREFIX } from '../functions/archive/layout.ts';
import { type LifecycleRule, lifecycleRules } from '../functions/archive/lifecycle.ts';
import type { Config } from '../functions/config.ts';

/** Days that Cloud Storage charges for at least. */
export const CLASS_DAYS = { NEARLINE: 30, COLDLINE: 90, ARCHIVE: 365 } as const;
export type ColdClass = keyof typeof CLASS_DAYS;

export interface ArchiveChoices {
  /** Raw messages are deleted after so many days; what is older cannot be replayed. */
  readonly rawDays?: number | undefined;
  /** Where cold days lie from their second day. */
  readonly coldClass?: ColdClass | undefined;
}

const DAY_MS = 86_400_000;
const isAbout =
  (prefix: string) =>
  ({ condition }: LifecycleRule): boolean =>
    condition.matchesPrefix.includes(prefix);

export function archiveRules(
  config: Pick<Config, 'archiveKeepMs' | 'tierAfterMs'>,
  { rawDays, coldClass }: ArchiveChoices,
): LifecycleRule[] {
  const usual = lifecycleRules(config);
  const raw =
    rawDays === undefined
      ? usual.filter(isAbout(RAW_PREFIX))
      : lifecycleRules({ ...config, archiveKeepMs: rawDays * DAY_MS }).filter(isAbout(RAW_PREFIX));
  const cold = usual.filter(isAbout(COLD_PREFIX));
  const rest = usual.filter((rule) => !isAbout(RAW_PREFIX)(rule) && !isAbout(COLD_PREFIX)(rule));
  if (coldClass === undefined) return [...raw, ...cold, ...rest];
  const atOnce: LifecycleRule = {
    action: { type: 'SetStorageClass', storageClass: coldClass },
    condition: { age: 1, matchesPrefix: [COLD_PREFIX] },
  };
  return [...raw, atOnce, ...cold.filter(({ action }) => action.type === 'Delete'), ...rest];
}
