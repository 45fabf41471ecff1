/** Errors that never happen in normal times: an incident of the kind new_error_pattern brings one of them. */
import type { Category } from './text.ts';

export interface NovelText {
  readonly category: Category;
  readonly text: string;
  readonly code: string;
  readonly status: number;
}

const novel = (category: Category, status: number, code: string, text: string): NovelText => ({
  category,
  status,
  code,
  text,
});

export const novelTexts: readonly NovelText[] = [
  novel('code_error', 500, 'RangeError', 'RangeError: invalid time value in {cls}.{fn} for tenant {n}'),
  novel('code_error', 500, 'ENUM_UNKNOWN', 'unknown enum constant {cls}.V{n} received from message bus'),
  novel('code_error', 500, 'DECODE', 'protobuf decode failed: wire type {n} at offset {big} of {cls}'),
  novel('database', 500, 'SQLSTATE_22003', 'numeric value out of range: {table}.{col} overflows integer'),
  novel('database', 500, 'MIGRATION', 'migration V{n} of {table} half applied, column {col} is missing'),
  novel('configuration', 500, 'CERT_CHAIN', 'truststore {path} lacks the intermediate certificate of {host}'),
  novel('dependency', 502, 'API_GONE', '{upstream} removed endpoint v{n}: HTTP 410 Gone'),
  novel('dependency', 502, 'SCHEMA_V2', 'reply of {upstream} has an unknown schema revision {n}'),
  novel('network', 502, 'MTU', 'datagram of {big} bytes dropped on the way to {host}: fragmentation needed'),
  novel('security', 403, 'CSP', 'signature of request {hex} replayed {n} times from {ip}'),
  novel(
    'authentication',
    401,
    'KID_ROTATED',
    'token header names key id {hex} that was retired in rotation {n}',
  ),
  novel('resource_exhaustion', 503, 'PORTS', 'ephemeral ports towards {host} used up, {big} in TIME_WAIT'),
  novel('timeout', 504, 'LEASE', 'lease {hex} on shard {n} lapsed before renewal, {bigms} ms late'),
  novel('disk_io', 500, 'WAL', 'write-ahead segment {big} is out of sequence after {hex}'),
  novel('memory', 500, 'ARENA', 'arena {n} fragmented: {mb} MB free but no run of {n} pages'),
];
