/** Encodings and hashes. Source: GoogleSQL "String functions", "Hash functions". */

import type { Expr } from '../analyze/expr.ts';
import { makeExpr } from '../analyze/expr.ts';
import { failing, failingText } from '../analyze/failure.ts';
import * as types from '../type.ts';
import type { CallSite, Signatures, Specials } from './signature.ts';
import { signature } from './signature.ts';

const hash = (name: string) => [
  signature('STRING', 'BYTES', `unhex(${name}($1))`),
  signature('BYTES', 'BYTES', `unhex(${name}($1))`),
];

const badHex = failingText('BLOB', `'Failed to decode invalid hexadecimal string: ' || $1`);
const bad64 = failing('BLOB', 'Failed to decode invalid base64 string');
const padded = `rpad($1, CAST((length($1) + 3) // 4 * 4 AS INTEGER), '=')`;

export const bytesFunctions: Signatures = {
  TO_BASE64: [signature('BYTES', 'STRING', 'to_base64($1)')],
  FROM_BASE64: [
    signature(
      'STRING',
      'BYTES',
      `CASE WHEN regexp_full_match($1, '[A-Za-z0-9+/]*={0,2}') AND length(rtrim($1, '=')) % 4 <> 1 THEN from_base64(${padded.replaceAll('$1', `rtrim($1, '=')`)}) WHEN $1 IS NULL THEN NULL ELSE ${bad64} END`,
    ),
  ],
  TO_HEX: [signature('BYTES', 'STRING', 'lower(hex($1))')],
  FROM_HEX: [
    signature(
      'STRING',
      'BYTES',
      `CASE WHEN regexp_full_match($1, '[0-9a-fA-F]*') THEN unhex($1) WHEN $1 IS NULL THEN NULL ELSE ${badHex} END`,
    ),
  ],
  MD5: hash('md5'),
  SHA1: hash('sha1'),
  SHA256: hash('sha256'),
  SAFE_CONVERT_BYTES_TO_STRING: [
    signature(
      'BYTES',
      'STRING',
      `CASE WHEN $1 IS NULL THEN NULL ELSE coalesce(TRY(decode($1)), ${failing('VARCHAR', 'not supported locally: SAFE_CONVERT_BYTES_TO_STRING of bytes that are no UTF-8')}) END`,
    ),
  ],
};

function uuid(call: CallSite): Expr {
  call.argCount(0, 0);
  return makeExpr(types.STRING, ['CAST(uuid() AS VARCHAR)'], { volatile: true });
}

function sessionUser(call: CallSite): Expr {
  call.argCount(0, 0);
  const user = call.env.session.context.sessionUser;
  if (user === undefined) throw call.unsupported('SESSION_USER() here');
  return call.text(user);
}

export const bytesSpecials: Specials = {
  GENERATE_UUID: uuid,
  SESSION_USER: sessionUser,
};
