/**
 * Timers of many windows as few tasks. A batch of old entries touches hundreds of windows that all fire at the same
 * tick, and a task for each would cost more than the firing. Pure.
 *
 * A window alone is named by itself, so that all batches that touch it ask for the same task. A group is named by its
 * windows, so only a redelivery of the same batch asks for the same one: for a few windows that would be more tasks,
 * not fewer, hence the bound. Firing a window twice does nothing the second time.
 */
import { hash, type Timer, timerName } from './window-id.ts';

/** With fewer windows at one slot, each has a task of its own. */
const GROUPED_FROM = 8;
/** Windows a task carries at most: it must be done within the deadline of one call. */
const MAX_WINDOWS = 100;

/** The tasks that timers become; those of a task are of one job and one slot. */
export function groupTimers(timers: Iterable<Timer>): (readonly Timer[])[] {
  const slots = new Map<string, Timer[]>();
  for (const timer of timers) {
    const at = `${timer.of.job}\n${timer.slotMs}`;
    const together = slots.get(at);
    if (together === undefined) slots.set(at, [timer]);
    else together.push(timer);
  }
  return [...slots.values()].flatMap((together) =>
    together.length < GROUPED_FROM ? together.map((timer) => [timer]) : chunksOf(together, MAX_WINDOWS),
  );
}

/** Name of the task of a group. */
export const groupName = (group: readonly Timer[]): string =>
  group.length === 1 ? timerName(group[0]!) : hash(group.map(timerName).join('\n'));

/** `items` in runs of at most `size`. */
export function chunksOf<T>(items: readonly T[], size: number): (readonly T[])[] {
  const chunks: (readonly T[])[] = [];
  for (let i = 0; i < items.length; i += size) chunks.push(items.slice(i, i + size));
  return chunks;
}
