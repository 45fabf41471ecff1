/** Shapes of tensors, known when a graph is built. A word stands for a size known only when it runs: the batch. */
export type Dim = number | string;
export type Shape = readonly Dim[];

/** Number of elements. Throws for a shape with a word in it: training graphs are static. */
export const size = (shape: Shape): number => fixed(shape).reduce((product, dim) => product * dim, 1);

/** The shape as numbers. Throws if one is a word. */
export function fixed(shape: Shape): readonly number[] {
  return shape.map((dim) => {
    if (typeof dim === 'string') throw new Error(`shape [${shape}]: "${dim}" is not known before the run`);
    return dim;
  });
}

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((dim, axis) => dim === b[axis]);

/** NumPy's broadcasting rule. Throws if the shapes do not fit. */
export function broadcast(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const x = a[a.length - rank + axis] ?? 1;
    const y = b[b.length - rank + axis] ?? 1;
    if (x !== y && x !== 1 && y !== 1) throw new Error(`shapes [${a}] and [${b}] do not broadcast`);
    return x === 1 ? y : x;
  });
}
