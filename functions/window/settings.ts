/** The settings of the windows, as functions/config.ts takes them in. */
import { choice, duration, setting } from '../setting-kinds.ts';

export const WINDOW_SETTINGS = {
  jobs: setting(
    'LOGWEIR_JOBS',
    choice('service_health', 'error_counts'),
    'service_health',
    'jobs that run on every batch',
  ),
  windowSizeMs: setting(
    'LOGWEIR_WINDOW_SIZE',
    duration(1000, 86_400_000),
    '10s',
    'size of the tumbling event-time windows',
  ),
  outOfOrdernessMs: setting(
    'LOGWEIR_OUT_OF_ORDERNESS',
    duration(0, 3_600_000),
    '5s',
    'how long a window waits after its end: watermark = now − this',
  ),
  allowedLatenessMs: setting(
    'LOGWEIR_ALLOWED_LATENESS',
    duration(0, 604_800_000),
    '1h',
    'how long after its end a window takes entries, firing again; later ones go to late_entries',
  ),
  redeliveryMs: setting(
    'LOGWEIR_REDELIVERY',
    duration(600_000, 2_678_400_000),
    '7d',
    'longest time after which Pub/Sub may deliver again; partials are kept for the lateness and this, then the window is sealed',
  ),
  tickMs: setting(
    'LOGWEIR_TICK',
    duration(1000, 60_000),
    '10s',
    'late data makes a window fire again at the next multiple of this',
  ),
  timerMarginMs: setting(
    'LOGWEIR_TIMER_MARGIN',
    duration(100, 30_000),
    '2s',
    'a timer is asked for at least this far ahead; more than the clocks of two instances differ by',
  ),
} as const;
