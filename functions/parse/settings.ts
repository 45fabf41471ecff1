/** The settings of what is read from a message, as functions/config.ts takes them in. */
import { bytes, choice, duration, name, number, optional, pairs, secret, setting } from '../setting-kinds.ts';
import { ownRules } from './redact/own-rules.ts';
import { DEFAULT_RULES, RULE_NAMES } from './redact/rules.ts';
import { FORMAT_NAMES } from './text/format-names.ts';

export const PARSE_SETTINGS = {
  maxUnpackedBytes: setting(
    'LOGWEIR_MAX_UNPACKED',
    bytes(1024, 536_870_912),
    '64MiB',
    'largest size a message may unpack to; more is a dead letter',
  ),
  maxRecordBytes: setting(
    'LOGWEIR_MAX_RECORD',
    bytes(1024, 8_388_608),
    '1MiB',
    'largest single record; more is a dead letter',
  ),
  maxDepth: setting(
    'LOGWEIR_MAX_DEPTH',
    number(1, 500),
    '100',
    'deepest nesting of a JSON record; deeper is a dead letter',
  ),
  maxFutureMs: setting(
    'LOGWEIR_MAX_FUTURE',
    duration(0, 2_419_200_000),
    '1d',
    'how far after its publish time an entry may claim to be; beyond, the publish time counts (Cloud Tasks holds a timer for 30 days)',
  ),
  slowMs: setting(
    'LOGWEIR_SLOW',
    duration(1, 3_600_000),
    '3s',
    'an entry that tells a longer latency is marked as anomalous',
  ),
  formats: setting(
    'LOGWEIR_FORMATS',
    pairs(...FORMAT_NAMES),
    '',
    'format of the text lines of a service, where recognising it goes wrong: checkout=logfmt,legacy=text',
  ),
  patternBucket: setting(
    'LOGWEIR_PATTERN_BUCKET',
    optional(name),
    '',
    'bucket of the learned catalogue of patterns; empty: patterns by the shapes of their words alone',
  ),
  patternRefreshMs: setting(
    'LOGWEIR_PATTERN_REFRESH',
    duration(1000, 86_400_000),
    '5m',
    'how often an instance looks for a newer catalogue',
  ),
  redactRules: setting(
    'LOGWEIR_REDACT',
    choice('off', ...RULE_NAMES),
    DEFAULT_RULES.join(','),
    'what is redacted before anything is stored',
  ),
  redactKey: setting(
    'LOGWEIR_REDACT_KEY',
    secret(16),
    '',
    'redacted values become a hash with this key, so that equal values still join; empty: no hash',
  ),
  redactOwn: setting(
    'LOGWEIR_REDACT_OWN',
    ownRules,
    '',
    'further rules of redaction: {"employee":"EMP-[0-9]{6}"}',
  ),
} as const;
