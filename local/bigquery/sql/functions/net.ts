/** Addresses and domains, and the hashes that DuckDB lacks. Source: GoogleSQL "Net functions", "Hash functions". */
import type { Expr } from '../analyze/expr.ts';
import { fill } from '../analyze/expr.ts';
import { failingText } from '../analyze/failure.ts';
import * as types from '../type.ts';
import type { CallSite, Signatures, Specials } from './signature.ts';
import { signature } from './signature.ts';

/** `value` where `condition` holds, a failure in BigQuery's words where not; NULL where an argument is. */
const allowed = (condition: string, value: string, type: string, words: string): string =>
  `(CASE WHEN ${condition} THEN ${value} WHEN (${condition}) IS NULL THEN NULL ELSE ${failingText(type, words)} END)`;

/** 32 or 128 bits of which the first are 1, as bytes: `$size` bytes, `$bits` ones. */
const mask = (size: string, bits: string): string =>
  `unhex(array_to_string(list_transform(range(CAST(${size} AS BIGINT)), lambda i: printf('%02x', 255 - (255 >> CAST(greatest(0, least(8, ${bits} - 8 * i)) AS INTEGER)))), ''))`;

const masked = `CAST(CAST($1 AS BIT) & CAST(${mask('octet_length($1)', '$2')} AS BIT) AS BLOB)`;

const isAddress = (bytes: string): string => `octet_length(${bytes}) IN (4, 16)`;

const ipTrunc = allowed(
  `${isAddress('$1')} AND $2 IS NOT NULL`,
  allowed(
    '$2 BETWEEN 0 AND 8 * octet_length($1)',
    masked,
    'BLOB',
    `'The second argument of NET.IP_TRUNC() must be between 0 and 8 * LENGTH(first argument); got ' || $2`,
  ),
  'BLOB',
  `'The first argument of NET.IP_TRUNC() must have length 4 (for IPv4) or 16 (for IPv6); got ' || octet_length($1)`,
);

const ipNetMask = allowed(
  '$1 IN (4, 16)',
  allowed(
    '$2 BETWEEN 0 AND 8 * $1',
    mask('$1', '$2'),
    'BLOB',
    `'The second argument of NET.IP_NET_MASK() must be between 0 and the first argument * 8; got ' || $2`,
  ),
  'BLOB',
  `'The first argument of NET.IP_NET_MASK() must be either 4 (for IPv4) or 16 (for IPv6); got ' || $1`,
);

export const netFunctions: Signatures = {
  FARM_FINGERPRINT: [
    signature('STRING', 'INT64', 'lw_fingerprint(encode($1))'),
    signature('BYTES', 'INT64', 'lw_fingerprint($1)'),
  ],
  SHA512: [
    signature('STRING', 'BYTES', 'lw_sha512(encode($1))'),
    signature('BYTES', 'BYTES', 'lw_sha512($1)'),
  ],
  'NET.SAFE_IP_FROM_STRING': [signature('STRING', 'BYTES', 'lw_ip_bytes($1)')],
  'NET.IP_FROM_STRING': [
    signature(
      'STRING',
      'BYTES',
      `CASE WHEN $1 IS NULL THEN NULL ELSE coalesce(lw_ip_bytes($1), ${failingText('BLOB', `'NET.IP_FROM_STRING() encountered an unparseable IP-address: ' || $1`)}) END`,
    ),
  ],
  'NET.IP_TO_STRING': [
    signature(
      'BYTES',
      'STRING',
      allowed(
        isAddress('$1'),
        'lw_ip_text($1)',
        'VARCHAR',
        `'NET.IP_TO_STRING() encountered an invalid IP address. Expected 4 (for IPv4) or 16 (for IPv6) bytes but got ' || octet_length($1)`,
      ),
    ),
  ],
  'NET.IP_NET_MASK': [signature('INT64, INT64', 'BYTES', ipNetMask)],
  'NET.IP_TRUNC': [signature('BYTES, INT64', 'BYTES', ipTrunc)],
  'NET.IPV4_FROM_INT64': [
    signature(
      'INT64',
      'BYTES',
      allowed(
        '$1 BETWEEN -2147483648 AND 4294967295',
        `unhex(printf('%08x', $1 & 4294967295))`,
        'BLOB',
        `'NET.IPV4_FROM_INT64() encountered an invalid integer IP. Expected range: [-0x80000000, 0xFFFFFFFF]; got ' || $1`,
      ),
    ),
  ],
  'NET.IPV4_TO_INT64': [
    signature(
      'BYTES',
      'INT64',
      allowed(
        'octet_length($1) = 4',
        `CAST('0x' || hex($1) AS BIGINT)`,
        'BIGINT',
        `'NET.IPV4_TO_INT64() encountered a non-IPv4 address. Expected 4 bytes but got ' || octet_length($1)`,
      ),
    ),
  ],
};

/** What stands between the scheme and the path, without user, port and dots around it. */
const HOST = `nullif(trim(regexp_extract($1, '^\\s*(?:(?:[A-Za-z][A-Za-z0-9+.-]*:)?//)?(?:[^/?#]*@)?(\\[[^\\]/]*\\]|[^/?#:]*)', 1)), '')`;

const ofHost =
  (sql: string) =>
  (call: CallSite): Expr => {
    call.argCount(1, 1);
    return fill(types.STRING, sql, [call.typed(0, 'STRING')]);
  };

export const netSpecials: Specials = {
  'NET.HOST': ofHost(HOST),
  'NET.REG_DOMAIN': ofHost(`lw_registered_domain(${HOST})`),
  'NET.PUBLIC_SUFFIX': ofHost(`lw_public_suffix(${HOST})`),
};
