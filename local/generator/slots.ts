/**
 * What fills the slots of a text: `{ms}` in "took {ms} ms" becomes a number, `{user}` the request's user. A text
 * is compiled once to its literal parts, escaped for JSON, and the fillers between them.
 */
import { hex, type Random } from './random.ts';
import type { Vocabulary } from './vocabulary.ts';

/** What a text is filled from: the request that it is about, and where it is said. */
export interface Saying {
  random: Random;
  words: Vocabulary;
  /** Who is called next; empty where nobody is. */
  callee: string;
  user: string;
  method: string;
  path: string;
  route: string;
  status: number;
  latencyMs: number;
}

type Filler = (saying: Saying) => string;

const between =
  (from: number, to: number): Filler =>
  ({ random }) =>
    String(random.between(from, to));

const word =
  (list: keyof Vocabulary): Filler =>
  ({ random, words }) =>
    random.pick(words[list]);

const numbered =
  (prefix: string, count: number, suffix = ''): Filler =>
  ({ random }) =>
    `${prefix}${random.below(count) + 1}${suffix}`;

const CURRENCIES = ['EUR', 'USD', 'GBP', 'CHF'];
const DEVICES = ['sda1', 'sdb1', 'nvme0n1', 'nvme1n1', 'dm-0'];
const PATHS = ['/var/lib/app/data', '/var/log/app', '/tmp/spool', '/etc/app/conf.d', '/mnt/store'];
const PORTS = [443, 5432, 6379, 8080, 8443, 9092];

const FILLERS: Readonly<Record<string, Filler>> = {
  n: between(1, 60),
  try: between(1, 5),
  big: between(100, 65_000),
  pct: between(61, 99),
  mb: between(64, 3900),
  gb: between(1, 8),
  bigms: between(1000, 9000),
  ms: ({ random, latencyMs }) => String(latencyMs > 0 ? Math.round(latencyMs) : random.between(1, 400)),
  amount: ({ random }) => `${random.below(900) + 1}.${random.between(10, 99)}`,
  cur: ({ random }) => random.pick(CURRENCIES),
  sku: ({ random }) => `SKU-${random.between(10_000, 14_000)}`,
  order: ({ random }) => `ord_${random.between(1_000_000, 9_999_999)}`,
  hex: ({ random }) => hex(random, 1),
  ip: ({ random }) => `10.${random.below(32)}.${random.below(256)}.${random.between(1, 254)}`,
  port: ({ random }) => String(random.pick(PORTS)),
  dev: ({ random }) => random.pick(DEVICES),
  node: numbered('node-', 12),
  db: ({ random, words }) => `${random.pick(words.tables)}-db-${random.below(3)}`,
  host: ({ random, words }) => `${random.pick(words.upstreams)}.internal`,
  user: ({ user }) => user,
  callee: ({ callee, random, words }) => callee || random.pick(words.upstreams),
  method: ({ method }) => method,
  path: ({ random, path }) => (path === '' ? random.pick(PATHS) : path),
  route: ({ route }) => route,
  status: ({ status }) => String(status),
  // A service of this system, where one is called, and else one outside.
  upstream: ({ callee, random, words }) => callee || random.pick(words.upstreams),
  table: word('tables'),
  col: word('columns'),
  cls: word('classes'),
  fn: word('functions'),
  file: word('files'),
  queue: word('queues'),
  pool: word('pools'),
  setting: word('settings'),
  key: word('keys'),
  job: word('jobs'),
};

/** A compiled text: gives the message, escaped for a JSON string. */
export type Message = (saying: Saying) => string;

/** Compiles a text. Throws for a slot that is none. */
export function compile(text: string): Message {
  const parts = text.split(/\{(\w+)\}/);
  const literals = parts.filter((_, i) => i % 2 === 0).map((part) => JSON.stringify(part).slice(1, -1));
  const fillers = parts.filter((_, i) => i % 2 === 1).map((slot) => fillerOf(slot, text));
  return (saying) => {
    let message = literals[0]!;
    for (let i = 0; i < fillers.length; i++) message += fillers[i]!(saying) + literals[i + 1]!;
    return message;
  };
}

function fillerOf(slot: string, text: string): Filler {
  const filler = FILLERS[slot];
  if (filler === undefined) throw new Error(`"${text}" has an unknown slot {${slot}}`);
  return filler;
}
