/** Fills the words in braces of a phrase at random: names are drawn from one list, whatever the category. */
import type { Random } from '../graph/random.ts';

const NAMES = (
  'atlas orion vega delta payments orders users search index catalog ledger mailer gateway worker scheduler ' +
  'billing audit reports export import session profile geo media thumbnails notifications events metrics archive ' +
  'shipping basket stock prices coupons reviews feed timeline chat video upload download sync replicator router ' +
  'balancer registry broker stream topic partition shard bucket vault keys tokens roles tenants projects builds ' +
  'deploys releases canary primary secondary standby leader follower main master worker1 blue green alpha beta'
).split(' ');

const JOINTS = ['_', '-', '.', ''] as const;

const USERS = [
  'root',
  'admin',
  'alice',
  'bob',
  'svc-deploy',
  'guest',
  'u_1042',
  'carol@example.org',
  'jenkins',
];
const PATHS = [
  '/var/log/app.log',
  '/data/db/journal',
  '/etc/app/main.conf',
  '/srv/files/a.bin',
  '/v1/items',
  '/opt/x/y.so',
];
const DEVICES = ['sda', 'sdb1', 'nvme0n1', 'dm-3', 'vdb', 'md0'];

const pick = <T>(list: readonly T[], random: Random): T => list[random.below(list.length)]!;

function name(random: Random): string {
  if (random.next() < 0.5) return pick(NAMES, random);
  const joint = pick(JOINTS, random);
  const second = pick(NAMES, random);
  const tail = joint === '' ? second[0]!.toUpperCase() + second.slice(1) : second;
  return pick(NAMES, random) + joint + tail;
}

const hex = (random: Random, digits: number): string =>
  Array.from({ length: digits }, () => random.below(16).toString(16)).join('');

const FILLERS: Readonly<Record<string, (random: Random) => string>> = {
  n: (random) => String(random.below(10 ** (1 + random.below(5)))),
  name,
  host: (random) =>
    `${name(random)}.${pick(['internal', 'example.com', 'svc.cluster.local', 'lan'], random)}`,
  ip: (random) => Array.from({ length: 4 }, () => random.below(256)).join('.'),
  port: (random) => String(1 + random.below(65_535)),
  path: (random) => pick(PATHS, random),
  dev: (random) => pick(DEVICES, random),
  user: (random) => pick(USERS, random),
  id: (random) => pick([`blk_${random.below(1e9)}`, hex(random, 12), String(random.below(1e7))], random),
  hex: (random) => `0x${hex(random, 8)}`,
};

/** Throws for a word in braces that is not known. */
export const fill = (phrase: string, random: Random): string =>
  phrase.replace(/\{(\w+)\}/g, (_, slot: string) => {
    const filler = FILLERS[slot];
    if (filler === undefined) throw new Error(`"${phrase}" has an unknown slot {${slot}}`);
    return filler(random);
  });
