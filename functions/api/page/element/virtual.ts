/** Which rows of a long list are on the screen. Pure. */

export interface Viewport {
  readonly scrollTop: number;
  readonly height: number;
  readonly rowHeight: number;
  readonly count: number;
}

/** Rows beyond the edge, so that fast scrolling shows no holes. */
const MARGIN = 12;

/** [first, end) of the rows to draw. */
export function rowsInView({ scrollTop, height, rowHeight, count }: Viewport): readonly [number, number] {
  const first = Math.floor(Math.max(0, scrollTop) / rowHeight) - MARGIN;
  const end = Math.ceil((Math.max(0, scrollTop) + height) / rowHeight) + MARGIN;
  const last = Math.min(count, end);
  return [Math.max(0, Math.min(first, last)), last];
}

/** Where to scroll so that a row is whole on the screen; null: it is. */
export function scrollFor(
  index: number,
  { scrollTop, height, rowHeight }: Omit<Viewport, 'count'>,
): number | null {
  const top = index * rowHeight;
  if (top < scrollTop) return top;
  return top + rowHeight > scrollTop + height ? top + rowHeight - height : null;
}
