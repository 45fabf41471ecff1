/**
 * Gathers what several requests ask for into one run of a model. A run takes the event loop, and what arrives meanwhile
 * waits for the next one; so batches grow by themselves when it gets busy, and nobody waits when it is not.
 */
export interface Batcher<Item, Answer> {
  /** Answers in the order of the items. Rejects with what the run threw. */
  submit(items: readonly Item[]): Promise<Answer[]>;
}

interface Waiting<Item, Answer> {
  readonly items: readonly Item[];
  readonly resolve: (answers: Answer[]) => void;
  readonly reject: (error: unknown) => void;
}

export function createBatcher<Item, Answer>(
  run: (items: readonly Item[]) => Promise<readonly Answer[]>,
  maxItems: number,
): Batcher<Item, Answer> {
  let queue: Waiting<Item, Answer>[] = [];
  let busy = false;
  const flush = async (): Promise<void> => {
    while (queue.length > 0) {
      const batch = take(queue, maxItems);
      queue = queue.slice(batch.length);
      try {
        const answers = await run(batch.flatMap(({ items }) => items));
        let from = 0;
        for (const { items, resolve } of batch) {
          resolve(answers.slice(from, from + items.length));
          from += items.length;
        }
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    busy = false;
  };
  return {
    submit: (items) =>
      new Promise((resolve, reject) => {
        if (items.length === 0) {
          resolve([]);
          return;
        }
        queue.push({ items, resolve, reject });
        if (busy) return;
        busy = true;
        setImmediate(() => void flush());
      }),
  };
}

/** The first requests whose items fit together; always one. */
function take<W extends { readonly items: readonly unknown[] }>(queue: readonly W[], maxItems: number): W[] {
  let count = 0;
  const end = queue.findIndex(({ items }, index) => {
    count += items.length;
    return index > 0 && count > maxItems;
  });
  return end < 0 ? [...queue] : queue.slice(0, end);
}
