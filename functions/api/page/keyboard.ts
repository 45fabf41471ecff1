/** Keys: one table that the sheet (`?`) shows and the listener obeys. Keys of a view are bound while it is shown. */

import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { go } from './route.ts';

export interface Binding {
  /** 'j', '/', 'Escape', or a sequence: 'g o'. */
  readonly keys: string;
  readonly text: string;
  readonly run: (event: KeyboardEvent) => void;
}

export const sheetOpen = signal(false);

const GO: readonly (readonly [key: string, text: string, path: string])[] = [
  ['o', 'Overview', '/'],
  ['s', 'Services', '/services'],
  ['e', 'Explore', '/explore'],
  ['a', 'Alerts', '/alerts'],
  ['q', 'SQL', '/sql'],
  ['m', 'Models', '/models'],
  ['p', 'Pipeline', '/pipeline'],
  ['x', 'Experiments', '/experiments'],
];

const always: readonly Binding[] = [
  ...GO.map(([key, text, path]) => ({ keys: `g ${key}`, text: `Go to ${text}`, run: () => go(path) })),
  { keys: '?', text: 'Show the keys', run: () => (sheetOpen.value = !sheetOpen.value) },
];

const ofViews = signal<readonly (readonly Binding[])[]>([]);
/** All that work now, for the sheet. */
export const bindings = (): readonly Binding[] => [...ofViews.value.flat(), ...always];

/** Binds keys while the component is there. */
export function useKeys(keys: readonly Binding[]): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const own = latest.current.map(({ keys, text }, index) => ({
      keys,
      text,
      run: (event: KeyboardEvent) => latest.current[index]?.run(event),
    }));
    ofViews.value = [...ofViews.value, own];
    return () => {
      ofViews.value = ofViews.value.filter((one) => one !== own);
    };
  }, []);
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

let first = '';
let firstAtMs = 0;

export function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (isTyping(event.target) || document.querySelector('dialog[open]') !== null) return;
  const sequence = event.timeStamp - firstAtMs < 1200 && first !== '' ? `${first} ${event.key}` : event.key;
  const all = bindings();
  const found = all.find(({ keys }) => keys === sequence) ?? all.find(({ keys }) => keys === event.key);
  first = '';
  if (found !== undefined) {
    event.preventDefault();
    found.run(event);
  } else if (all.some(({ keys }) => keys.startsWith(`${event.key} `))) {
    first = event.key;
    firstAtMs = event.timeStamp;
  }
}
