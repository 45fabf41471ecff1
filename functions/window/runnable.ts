/**
 * What the serverless runtime can run. A job it cannot run is refused when it is first used, in words, instead of
 * never firing.
 */
import type { Job } from '../stream/job.ts';
import { eventTime } from '../stream/trigger.ts';
import { paneAt, panesOf } from './pane.ts';

/** Every batch asks for a timer of each window of its elements. */
const MAX_WINDOWS = 100;
/** Every firing reads all panes of its window. */
const MAX_PANES = 200;

type AnyJob = Pick<Job<never, unknown, unknown>, 'name' | 'assigner' | 'trigger'>;

const checked = new WeakSet<object>();

/** Throws a RangeError if the runtime cannot run the job. */
export function checkRunnable(job: AnyJob): void {
  if (checked.has(job)) return;
  const { name, assigner, trigger } = job;
  if (trigger.name !== eventTime().name)
    throw new RangeError(
      `job ${name}: trigger ${trigger.name} runs in memory alone; allowed here: ${eventTime().name}`,
    );
  if (!assigner.merges) {
    const pane = paneAt(assigner, 0);
    const windows = pane?.windows ?? [];
    if (windows.length > MAX_WINDOWS)
      throw new RangeError(
        `job ${name}: ${assigner.name} puts an element into ${windows.length} windows; allowed: ${MAX_WINDOWS}`,
      );
    const panes = windows[0] === undefined ? 0 : panesOf(assigner, windows[0]).length;
    if (panes > MAX_PANES)
      throw new RangeError(
        `job ${name}: windows of ${assigner.name} have ${panes} panes; allowed: ${MAX_PANES}`,
      );
  }
  checked.add(job);
}
