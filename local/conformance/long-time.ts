/**
 * Tables with times of Java's 64 bits, read into ours. Time ends at ±(2^63 − 1) there and at ±(2^53 − 1) here, so
 * times near an end move to the same distance from our end, and offsets with them, so that windows stay aligned.
 * Durations beyond our time become all of it.
 */
import { END_OF_TIME, START_OF_TIME } from '../../functions/stream/window.ts';

const LONG_END = 2n ** 63n - 1n;
const LONG_START = -(2n ** 63n);
/** Beyond it a time counts as near an end. */
const NEAR_END = 2n ** 62n;
const DURATIONS = /(size|slide|gap|lateness|offset|timeout|orderness|advance|interval)(Ms)?$/i;

/** JSON.parse, but whole numbers that a double does not hold come as BigInt. */
export function parseWithLongs(text: string): unknown {
  const tagged = text.replace(/"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g, (token) =>
    token.startsWith('"') || Number.isSafeInteger(Number(token)) ? token : `{"$long":"${token}"}`,
  );
  return JSON.parse(tagged, (_key, value) =>
    typeof value?.$long === 'string' ? BigInt(value.$long) : value,
  );
}

/** A case with its BigInt in our time. */
export function inOurTime(one: unknown): unknown {
  const shifts = new Set<bigint>();
  const moved = move(one, '', shifts);
  const [shift] = shifts;
  return shift === undefined ? moved : align(moved, shift);
}

function move(value: unknown, field: string, shifts: Set<bigint>): unknown {
  if (typeof value === 'bigint') return DURATIONS.test(field) ? clamp(value) : moveTime(value, shifts);
  if (Array.isArray(value)) return value.map((item) => move(item, field, shifts));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, move(item, name, shifts)]));
}

function moveTime(time: bigint, shifts: Set<bigint>): number {
  if (time <= NEAR_END && time >= -NEAR_END) return clamp(time);
  const shift = time > 0n ? LONG_END - BigInt(END_OF_TIME) : LONG_START - BigInt(START_OF_TIME);
  // The ends themselves stand for "for ever", beside times that are not near them.
  if (time < LONG_END && time > LONG_START) shifts.add(shift);
  return clamp(time - shift);
}

/** Takes the shift out of the offsets of windows. */
function align(one: unknown, shift: bigint): unknown {
  if (typeof one !== 'object' || one === null) return one;
  const { assigner, ...rest } = one as Record<string, unknown>;
  if (typeof assigner === 'object' && assigner !== null)
    return { ...rest, assigner: alignOffset(assigner, shift) };
  return alignOffset(rest, shift);
}

function alignOffset(windows: object, shift: bigint): object {
  const { sizeMs, slideMs, offsetMs = 0 } = windows as Record<string, unknown>;
  const everyMs = slideMs ?? sizeMs;
  if (!Number.isSafeInteger(everyMs) || Number(everyMs) <= 0 || !Number.isSafeInteger(offsetMs))
    return windows;
  return { ...windows, offsetMs: Number((BigInt(Number(offsetMs)) - shift) % BigInt(Number(everyMs))) };
}

function clamp(time: bigint): number {
  if (time > BigInt(END_OF_TIME)) return END_OF_TIME;
  return time < BigInt(START_OF_TIME) ? START_OF_TIME : Number(time);
}
