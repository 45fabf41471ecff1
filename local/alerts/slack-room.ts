/**
 * One Slack channel on the laptop: the few methods of Slack's Web API that alerting calls, and incoming webhooks. It
 * refuses what Slack refuses: too many blocks, too long texts, a wrong token, a message that is not there.
 * Source: https://docs.slack.dev/reference/methods and /reference/block-kit/blocks
 */
import { type Journal, openJournal } from './journal.ts';

export interface SlackPost {
  readonly ts: string;
  /** Of the message that it answers; null: it stands by itself. */
  readonly threadTs: string | null;
  readonly text: string;
  readonly blocks: readonly unknown[];
  readonly metadata: unknown;
  /** How often it was edited. */
  readonly edits: number;
}

type Call = Readonly<Record<string, unknown>>;
type Answer = Readonly<Record<string, unknown>>;

const refuse = (error: string): Answer => ({ ok: false, error });

export class SlackRoom {
  readonly #journal: Journal<SlackPost>;
  readonly #posts = new Map<string, SlackPost>();
  readonly #channel: string;
  readonly #now: () => number;
  #lastMicros = 0;

  constructor(options: { readonly file: string; readonly channel: string; readonly now: () => number }) {
    this.#journal = openJournal(options.file);
    for (const post of this.#journal.entries) this.#posts.set(post.ts, post);
    this.#channel = options.channel;
    this.#now = options.now;
  }

  /** Oldest first. */
  get posts(): readonly SlackPost[] {
    return [...this.#posts.values()];
  }

  /** A method of the Web API by its name. */
  call(method: string, call: Call): Answer {
    if (call.channel !== this.#channel) return refuse('channel_not_found');
    if (method === 'chat.postMessage') return this.#post(call);
    if (method === 'chat.update') return this.#update(call);
    if (method === 'conversations.history')
      return this.#list(this.posts.filter(({ threadTs }) => threadTs === null));
    if (method === 'conversations.replies')
      return this.#list(this.posts.filter((one) => one.threadTs === call.ts || one.ts === call.ts));
    return refuse('unknown_method');
  }

  /** What an incoming webhook takes; null: it is taken. */
  hook(call: Call): string | null {
    const { error } = this.#post(call);
    return typeof error === 'string' ? error : null;
  }

  #post(call: Call): Answer {
    const wrong = problemOf(call);
    if (wrong !== null) return refuse(wrong);
    const threadTs = typeof call.thread_ts === 'string' ? call.thread_ts : null;
    if (threadTs !== null && !this.#posts.has(threadTs)) return refuse('thread_not_found');
    const micros = Math.max(this.#lastMicros + 1, this.#now() * 1000);
    this.#lastMicros = micros;
    const ts = `${Math.floor(micros / 1e6)}.${String(micros % 1e6).padStart(6, '0')}`;
    this.#keep({ ts, threadTs, ...contentOf(call), edits: 0 });
    return { ok: true, channel: this.#channel, ts };
  }

  #update(call: Call): Answer {
    const known = this.#posts.get(String(call.ts));
    if (known === undefined) return refuse('message_not_found');
    const wrong = problemOf(call);
    if (wrong !== null) return refuse(wrong);
    this.#keep({ ...known, ...contentOf(call), edits: known.edits + 1 });
    return { ok: true, channel: this.#channel, ts: known.ts };
  }

  #keep(post: SlackPost): void {
    this.#journal.add(post);
    this.#posts.set(post.ts, post);
  }

  #list(posts: readonly SlackPost[]): Answer {
    return {
      ok: true,
      messages: posts.slice(-100).map(({ ts, text, metadata }) => ({ ts, text, metadata })),
    };
  }
}

const contentOf = ({ text, blocks, metadata }: Call) => ({
  text: String(text ?? ''),
  blocks: Array.isArray(blocks) ? blocks : [],
  metadata: metadata ?? null,
});

/** What Slack would say of it; null: nothing. */
function problemOf({ text, blocks }: Call): string | null {
  if (blocks === undefined) return typeof text === 'string' && text !== '' ? null : 'no_text';
  if (!Array.isArray(blocks) || blocks.length > 50) return 'invalid_blocks';
  const long = blocks.some((block: { type?: string; text?: { text?: unknown } }) => {
    const length = String(block?.text?.text ?? ' ').length;
    return length === 0 || length > (block?.type === 'header' ? 150 : 3000);
  });
  if (long) return 'invalid_blocks';
  return JSON.stringify(blocks).length > 40_000 ? 'msg_blocks_too_long' : null;
}
