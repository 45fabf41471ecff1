/** Side outputs: named streams of values beside a job's results, after Flink's OutputTag. */

/** Names a side output and the type of what goes there. */
export interface OutputTag<T> {
  readonly name: string;
  /** For the type alone; never set. */
  readonly values?: T;
}

/** A side output by name, e.g. `outputTag<LogEntry>('late')`. */
export const outputTag = <T>(name: string): OutputTag<T> => ({ name });
