/** What a trigger sees of a cell. One object serves all cells: triggers are asked for each element. */
import { Cell } from './cell.ts';
import type { Rules } from './rules.ts';
import type { TriggerContext } from './trigger.ts';
import { START_OF_TIME } from './window.ts';

export class CellContext<Acc> implements TriggerContext {
  readonly #rules: Rules;
  readonly #schedule: (cell: Cell<Acc>) => void;
  /** The cell that is asked about. */
  cell: Cell<Acc>;
  watermarkMs = START_OF_TIME;

  constructor(rules: Rules, schedule: (cell: Cell<Acc>) => void) {
    this.#rules = rules;
    this.#schedule = schedule;
    this.cell = new Cell<Acc>('', { start: 0, end: 0 });
  }

  get maxTimestampMs(): number {
    return this.#rules.maxTimestamp(this.cell.window);
  }

  get value(): number | null {
    return this.cell.value;
  }

  set value(value: number | null) {
    this.cell.value = value;
  }

  isPast(): boolean {
    return this.#rules.firesAtOnce(this.maxTimestampMs, this.watermarkMs);
  }

  registerEventTimeTimer(timeMs: number): void {
    const { cell } = this;
    cell.addTimer(timeMs);
    if (timeMs < cell.scheduledMs) this.#schedule(cell);
  }
}
