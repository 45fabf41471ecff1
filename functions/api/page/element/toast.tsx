/** Short words on what was done, or was not: read aloud, gone after a while, at most three. */
import { signal } from '@preact/signals';

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly bad: boolean;
}

const toasts = signal<readonly Toast[]>([]);
let last = 0;

export function say(text: string, { bad = false } = {}): void {
  const id = ++last;
  toasts.value = [...toasts.value.slice(-2), { id, text, bad }];
  setTimeout(
    () => {
      toasts.value = toasts.value.filter((one) => one.id !== id);
    },
    bad ? 10_000 : 5000,
  );
}

/** Does something that a person asked for, and says how it went. True: it was done. */
export async function attempt(done: string, action: () => Promise<unknown>): Promise<boolean> {
  try {
    await action();
    say(done);
    return true;
  } catch (error) {
    say((error as Error).message, { bad: true });
    return false;
  }
}

export const Toasts = () => (
  <div class="toasts" role="status" aria-live="polite">
    {toasts.value.map(({ id, text, bad }) => (
      <p key={id} class={bad ? 'toast bad' : 'toast'}>
        {text}
      </p>
    ))}
  </div>
);
