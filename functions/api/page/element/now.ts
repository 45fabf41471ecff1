/** The present, for what says "12 s ago": one timer for the whole page, at rest while nobody looks. */
import { signal } from '@preact/signals';

export const now = signal(Date.now());

setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, 5000);
