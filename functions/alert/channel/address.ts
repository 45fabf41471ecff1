/**
 * Which addresses a webhook may lead to: public ones alone. A URL that somebody set could else reach the metadata server
 * of Google Cloud (169.254.169.254), a database, or the machine itself.
 * Source: the registries of special-purpose addresses, https://www.iana.org/assignments/iana-ipv4-special-registry and
 * iana-ipv6-special-registry.
 */
import { BlockList, isIP } from 'node:net';

const PRIVATE_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

/** Within 2000::/3, which alone is public: documentation, Teredo, ORCHID, and 6to4, which holds an IPv4 address. */
const PRIVATE_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const v4 = listOf(PRIVATE_V4, 'ipv4');
const v6 = listOf(PRIVATE_V6, 'ipv6');
const unicast = listOf(['2000::/3'], 'ipv6');

function listOf(ranges: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address, bits] = range.split('/') as [string, string];
    list.addSubnet(address, Number(bits), family);
  }
  return list;
}

/** Whether an address is on the public internet. What is no address is not. */
export function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !v4.check(address, 'ipv4');
  if (isIP(address) !== 6) return false;
  return unicast.check(address, 'ipv6') && !v6.check(address, 'ipv6');
}
