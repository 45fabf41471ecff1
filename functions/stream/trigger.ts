/**
 * When a window emits, after Flink's Trigger. A trigger has no memory of its own: per key and window it has one
 * number and its timers, both kept, merged, snapshot and dropped by the operator.
 *
 * Source: Flink's EventTimeTrigger, CountTrigger, ContinuousEventTimeTrigger, PurgingTrigger,
 * GlobalWindows.NeverTrigger.
 */
import type { TimeWindow } from './window.ts';

/** What a trigger answers. */
export const CONTINUE = 0;
/** Emit the content. */
export const FIRE = 1;
/** Drop the content, keep the window. */
export const PURGE = 2;
export const FIRE_AND_PURGE = 3;
export type TriggerResult = typeof CONTINUE | typeof FIRE | typeof PURGE | typeof FIRE_AND_PURGE;

/** What a trigger sees of one key's window. */
export interface TriggerContext {
  readonly watermarkMs: number;
  /** Last timestamp of the window, end − 1. */
  readonly maxTimestampMs: number;
  /** The trigger's own number for this key and window; null at first and after merging nothing. */
  value: number | null;
  /** Whether the watermark has passed the window, so that an element fires it at once. */
  isPast(): boolean;
  /** Asks to be called when the watermark reaches `timeMs`; asking twice is asking once. */
  registerEventTimeTimer(timeMs: number): void;
}

export interface Trigger {
  /** For messages, e.g. `count(4)`. */
  readonly name: string;
  /**
   * True: once `onElement` answered CONTINUE, it need not be asked again for that key and window before its next
   * timer or merge, because it would answer the same and change nothing.
   */
  readonly quiet: boolean;
  onElement(timestampMs: number, window: TimeWindow, context: TriggerContext): TriggerResult;
  onEventTime(timeMs: number, window: TimeWindow, context: TriggerContext): TriggerResult;
  /**
   * For windows that merge; null: the trigger cannot be used with them. `value` unites the numbers of two windows;
   * then `onMerge` sees the merged window, whose timers have been cleared.
   */
  readonly merging: {
    value(a: number, b: number): number;
    onMerge(window: TimeWindow, context: TriggerContext): void;
  } | null;
}

const EVENT_TIME: Trigger = {
  name: 'eventTime',
  quiet: true,
  onElement(_timestampMs, _window, context) {
    if (context.isPast()) return FIRE;
    context.registerEventTimeTimer(context.maxTimestampMs);
    return CONTINUE;
  },
  onEventTime: (timeMs, _window, context) => (timeMs === context.maxTimestampMs ? FIRE : CONTINUE),
  merging: {
    value: (a) => a,
    onMerge(_window, context) {
      if (context.maxTimestampMs > context.watermarkMs)
        context.registerEventTimeTimer(context.maxTimestampMs);
    },
  },
};

/** Fires when the watermark passes the window, and at once for each later element within lateness. */
export const eventTime = (): Trigger => EVENT_TIME;

/** Fires at every `count` elements; time does not fire it. */
export function count(count: number): Trigger {
  if (!Number.isSafeInteger(count) || count < 1)
    throw new RangeError(`trigger count must be a whole number of at least 1, not ${count}`);
  return {
    name: `count(${count})`,
    quiet: false,
    onElement(_timestampMs, _window, context) {
      const elements = (context.value ?? 0) + 1;
      context.value = elements >= count ? null : elements;
      return elements >= count ? FIRE : CONTINUE;
    },
    onEventTime: () => CONTINUE,
    merging: { value: (a, b) => a + b, onMerge: () => {} },
  };
}

/** Early results: fires at every multiple of `intervalMs` of event time, and as `eventTime` does. */
export function continuousEventTime(intervalMs: number): Trigger {
  if (!Number.isSafeInteger(intervalMs) || intervalMs < 1)
    throw new RangeError(`trigger interval must be a positive whole number of ms, not ${intervalMs}`);

  function fireNext(afterMs: number, context: TriggerContext): void {
    const nextMs = Math.min(afterMs + intervalMs, context.maxTimestampMs);
    context.value = context.value === null ? nextMs : Math.min(context.value, nextMs);
    context.registerEventTimeTimer(nextMs);
  }
  return {
    name: `continuousEventTime(${intervalMs})`,
    quiet: true,
    onElement(timestampMs, _window, context) {
      if (context.isPast()) return FIRE;
      context.registerEventTimeTimer(context.maxTimestampMs);
      // Truncated, as Flink does, also before the epoch.
      if (context.value === null) fireNext(timestampMs - (timestampMs % intervalMs), context);
      return CONTINUE;
    },
    onEventTime(timeMs, _window, context) {
      if (timeMs === context.maxTimestampMs) return FIRE;
      if (timeMs !== context.value) return CONTINUE;
      context.value = null;
      fireNext(timeMs, context);
      return FIRE;
    },
    merging: {
      value: Math.min,
      onMerge(_window, context) {
        if (context.value !== null) context.registerEventTimeTimer(context.value);
      },
    },
  };
}

/** Drops the content whenever `trigger` fires, so that each result holds what came since the last. */
export function purging(trigger: Trigger): Trigger {
  const purge = (result: TriggerResult): TriggerResult => (result & FIRE ? FIRE_AND_PURGE : result);
  return {
    name: `purging(${trigger.name})`,
    quiet: trigger.quiet,
    onElement: (timestampMs, window, context) => purge(trigger.onElement(timestampMs, window, context)),
    onEventTime: (timeMs, window, context) => purge(trigger.onEventTime(timeMs, window, context)),
    merging: trigger.merging,
  };
}

const NEVER: Trigger = {
  name: 'never',
  quiet: true,
  onElement: () => CONTINUE,
  onEventTime: () => CONTINUE,
  merging: { value: (a) => a, onMerge: () => {} },
};

/** Never fires: the default of global windows. */
export const never = (): Trigger => NEVER;
