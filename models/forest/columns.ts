/**
 * The features that the forest splits by: changes and shares of one window. Hour and load are left out, because what is
 * rare about them is the hour and the load; so are a mean and a highest quantile, which one slow answer moves. A service
 * is known by what is usual for it, not by its name (features.ts).
 */
import { FEATURES, type FeatureName } from '../features.ts';

const NAMES: readonly FeatureName[] = [
  'entries_change',
  'error_excess',
  'warning_excess',
  'critical_excess',
  'http_5xx_excess',
  'latency_p50_change',
  'new_pattern_errors',
];

export const FOREST_COLUMNS: readonly number[] = NAMES.map((name) => FEATURES.indexOf(name));
