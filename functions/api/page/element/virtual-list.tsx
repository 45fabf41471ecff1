/**
 * A list of any length: only the rows on the screen are in the document. One row is active (j, k, arrows); Enter or a click
 * opens it. Rows have one height, so nothing jumps.
 */
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { rowsInView, scrollFor } from './virtual.ts';

export interface VirtualListProps {
  readonly label: string;
  readonly count: number;
  readonly rowHeight: number;
  readonly row: (index: number) => ComponentChildren;
  readonly keyOf: (index: number) => string;
  readonly active: number;
  readonly onActive: (index: number) => void;
  readonly onOpen: (index: number) => void;
  /** The end is near. */
  readonly onEnd?: (() => void) | undefined;
  readonly onScrolled?: ((scrollTop: number) => void) | undefined;
  /** What is open. */
  readonly openIndex?: number | undefined;
  readonly class?: string;
}

export function VirtualList(props: VirtualListProps) {
  const { label, count, rowHeight, row, keyOf, active, onActive, onOpen, onEnd, onScrolled, openIndex } =
    props;
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [scrollTop, setScrollTop] = useState(0);
  const [height, setHeight] = useState(600);
  useLayoutEffect(() => {
    const sizes = new ResizeObserver(() => setHeight(box.current?.clientHeight ?? 0));
    sizes.observe(box.current!);
    return () => sizes.disconnect();
  }, []);
  const [first, end] = rowsInView({ scrollTop, height, rowHeight, count });
  const near = count > 0 && end >= count - 20;
  useEffect(() => {
    if (near) onEnd?.();
  }, [near, count]);
  useEffect(() => {
    const to =
      active < 0 ? null : scrollFor(active, { scrollTop: box.current!.scrollTop, height, rowHeight });
    if (to !== null) box.current!.scrollTop = to;
  }, [active]);

  const move = (to: number): void => onActive(Math.max(0, Math.min(count - 1, to)));
  const onKeyDown = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor(height / rowHeight) - 1);
    const steps: Record<string, () => void> = {
      ArrowDown: () => move(active + 1),
      ArrowUp: () => move(active - 1),
      PageDown: () => move(active + page),
      PageUp: () => move(active - page),
      Home: () => move(0),
      End: () => move(count - 1),
      Enter: () => active >= 0 && onOpen(active),
    };
    const step = event.ctrlKey || event.metaKey || event.altKey ? undefined : steps[event.key];
    if (step === undefined || count === 0) return;
    event.preventDefault();
    step();
  };
  return (
    <div
      ref={box}
      class={`virtual ${props.class ?? ''}`}
      role="listbox"
      aria-label={label}
      tabIndex={0}
      aria-activedescendant={active >= first && active < end ? `${id}-${active}` : undefined}
      onKeyDown={onKeyDown}
      onScroll={(event) => {
        setScrollTop(event.currentTarget.scrollTop);
        onScrolled?.(event.currentTarget.scrollTop);
      }}
    >
      <div class="virtual-all" role="presentation" style={{ height: `${count * rowHeight}px` }}>
        {Array.from({ length: end - first }, (_, offset) => {
          const index = first + offset;
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the list itself hears the keys, as ARIA has it for a listbox
            <div
              key={keyOf(index)}
              id={`${id}-${index}`}
              class={index === active ? 'virtual-row is-active' : 'virtual-row'}
              role="option"
              tabIndex={-1}
              aria-selected={index === openIndex}
              aria-setsize={count}
              aria-posinset={index + 1}
              style={{ top: `${index * rowHeight}px`, height: `${rowHeight}px` }}
              onClick={() => {
                onActive(index);
                onOpen(index);
              }}
            >
              {row(index)}
            </div>
          );
        })}
      </div>
    </div>
  );
}
