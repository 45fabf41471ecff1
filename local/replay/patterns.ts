/** The learned catalogue of patterns, as `parse` uses it now: patterns of a replay are those of today's catalogue. */
import { openBucket } from '../../functions/clients.ts';
import type { Config } from '../../functions/config.ts';
import type { ParserSettings } from '../../functions/parse/parse-record.ts';
import { catalogueInBucket } from '../../functions/parse/pattern/catalogue-store.ts';
import { livePatterns } from '../../functions/parse/pattern/live.ts';

/** What of it a parser needs. Says on standard error when the catalogue cannot be had. */
export async function openPatterns(config: Config): Promise<Pick<ParserSettings, 'patternId'>> {
  if (config.patternBucket === null) return {};
  const patterns = livePatterns({
    store: catalogueInBucket(await openBucket(config, config.patternBucket)),
    refreshMs: config.patternRefreshMs,
    report: (outcome, detail) => {
      if (outcome !== 'replaced') console.error(`the catalogue of patterns ${outcome}: ${detail}`);
    },
  });
  await patterns.refresh(Date.now());
  return { patternId: patterns.patternIdOf };
}
