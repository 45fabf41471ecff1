/** Ticks of a time axis in the viewer's zone: as much of the time as the distance between ticks needs. */
import { clockText, dayText, durationText } from '../time.ts';

export function timeTick(
  _chart: unknown,
  splits: readonly number[],
  _axis: number,
  _space: number,
  step: number,
): string[] {
  let before = '';
  return splits.map((at) => {
    const day = dayText(at);
    const clock = clockText(at).slice(0, step < 60_000 ? 8 : 5);
    const isNewDay = before !== '' && before !== day;
    before = day;
    return step >= 86_400_000 || (isNewDay && clock.startsWith('00:00')) ? day : clock;
  });
}

/** Ticks of an axis of time since a start. */
export const sinceTick = (_chart: unknown, splits: readonly number[]): string[] =>
  splits.map((since) => durationText(since));
