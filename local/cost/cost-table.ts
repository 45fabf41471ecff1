/**
 * The bill of a day at loads from small to large: what the page reckons its cost of today from. Rows are loaded where that
 * is cheaper than streaming them.
 */
import type { CostTable } from '../../functions/api/assets.ts';
import { billOf, DEFAULT_LOAD } from './bill.ts';
import { PRICES_AS_OF } from './prices.ts';

const LOADS_GB = [0.01, 0.1, 1, 10, 100, 500, 1000, 10_000];
const DAYS = 365 / 12;

const cheapest = (gbPerDay: number) => {
  const [loaded, streamed] = [true, false].map((byLoadJobs) =>
    billOf({ ...DEFAULT_LOAD, gbPerDay, byLoadJobs }),
  );
  return loaded!.usd < streamed!.usd ? loaded! : streamed!;
};

export const costTable = (): CostTable => ({
  prices_as_of: PRICES_AS_OF,
  points: LOADS_GB.map((gbPerDay) => ({
    gb_per_day: gbPerDay,
    usd_per_day: Object.fromEntries(
      cheapest(gbPerDay).lines.map(({ component, usd }) => [component, usd / DAYS]),
    ),
  })),
});
