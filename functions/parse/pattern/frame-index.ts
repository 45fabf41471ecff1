/**
 * The clusters of one frame while they are merged, found by their words: which of them share messages with a
 * template is asked for every merge, and must not cost a look at all of them.
 */
import { overlap, type Template } from './template.ts';

export class FrameIndex<T extends { readonly template: Template }> {
  private readonly live: (T | null)[] = [];
  /** For each place, the numbers of the clusters by their word there. */
  private readonly byWord: Map<string | null, number[]>[] = [];

  /** Returns the number of the cluster. */
  add(cluster: T): number {
    const at = this.live.push(cluster) - 1;
    cluster.template.words.forEach((word, place) => {
      this.byWord[place] ??= new Map();
      const numbers = this.byWord[place]!.get(word);
      if (numbers === undefined) this.byWord[place]!.set(word, [at]);
      else numbers.push(at);
    });
    return at;
  }

  /** The cluster of a number; null once removed. */
  get(at: number): T | null {
    return this.live[at] ?? null;
  }

  remove(at: number): void {
    this.live[at] = null;
  }

  /** Numbers of the clusters that some message fits which fits the template too. */
  overlapping(template: Template): number[] {
    const numbers = this.candidates(template);
    return numbers.filter((at) => this.live[at] !== null && overlap(template, this.live[at]!.template));
  }

  clusters(): T[] {
    return this.live.filter((cluster) => cluster !== null);
  }

  /** Those that agree at the place where the fewest do. */
  private candidates({ words }: Template): readonly number[] {
    let best: readonly [number[], number[]] | null = null;
    words.forEach((word, place) => {
      if (word === null) return;
      const index = this.byWord[place];
      const some = [index?.get(word) ?? [], index?.get(null) ?? []] as const;
      if (best === null || some[0].length + some[1].length < best[0].length + best[1].length) best = some;
    });
    return best === null ? this.live.map((_, at) => at) : (best as readonly number[][]).flat();
  }
}
