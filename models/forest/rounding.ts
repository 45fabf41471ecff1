/** Thresholds as float32, apart from what writes models: serving reads them, and loads no writer. */

/** The largest float32 that is not above the value. */
export function roundedDown(value: number): number {
  const near = Math.fround(value);
  if (near <= value) return near;
  const bits = new Int32Array(Float32Array.of(near).buffer);
  bits[0]! += near > 0 ? -1 : 1;
  return near === 0 ? -1.401298464324817e-45 : new Float32Array(bits.buffer)[0]!;
}
