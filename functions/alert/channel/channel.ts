/**
 * A way to tell people, as small as it gets. A channel never throws for what can be expected: its outcome says whether
 * to try again. It may be given the same delivery again after a crash: the key is how it finds out.
 */
import type { Kind } from '../group.ts';
import type { AlertMessage } from '../message/content.ts';
import type { ChannelName } from '../rules/config.ts';

/** What a channel keeps of a thread: a timestamp, an issue's key. */
export type ThreadRef = Readonly<Record<string, string | number>>;

export interface Delivery {
  /** The same for the same notice, however often it is delivered. */
  readonly key: string;
  readonly kind: Kind;
  /** Worth a message of its own. */
  readonly loud: boolean;
  readonly message: AlertMessage;
  /** null: the channel has said nothing of this incident yet. */
  readonly thread: ThreadRef | null;
  /** 1 for the first; above, an earlier attempt may have come through. */
  readonly attempt: number;
}

export type Outcome =
  | { readonly result: 'sent'; readonly thread: ThreadRef | null }
  /** Try again, after so long where the other side said so. */
  | { readonly result: 'later'; readonly why: string; readonly afterMs: number | null }
  /** It would be refused again. */
  | { readonly result: 'refused'; readonly why: string };

export interface Channel {
  readonly name: ChannelName;
  /**
   * edit: what was said can be changed, so it hears of everything · reply: can answer in a thread, hears of what is loud
   * · once: each message stands alone, so it hears of the opening, of what is more severe, and of the end.
   */
  readonly updates: 'edit' | 'reply' | 'once';
  /** Shortest time between two messages, in ms. */
  readonly intervalMs: number;
  /** Shortest time between updates of one incident, in ms; what is new meanwhile is told together. None by default. */
  readonly updateEveryMs?: number;
  send(delivery: Delivery): Promise<Outcome>;
}

export const sent = (thread: ThreadRef | null = null): Outcome => ({ result: 'sent', thread });
export const later = (why: string, afterMs: number | null = null): Outcome => ({
  result: 'later',
  why,
  afterMs,
});
export const refused = (why: string): Outcome => ({ result: 'refused', why });
