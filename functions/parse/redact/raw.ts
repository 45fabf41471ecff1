/** What is stored beside entries, without secrets: the bytes of dead letters, the attributes of their messages. */
import { isUtf8 } from 'node:buffer';
import type { PubsubMessage } from '../../ingest/message.ts';
import type { ParseRecord, Parser } from '../record-context.ts';

/** Bytes without secrets; latin1 keeps bytes that are no UTF-8 as they are. */
export function redactedBytes(raw: Buffer, parse: ParseRecord | Parser): Buffer {
  const utf8 = isUtf8(raw);
  // Compressed bytes hold nothing that can be read, and must stay what they are.
  if (!('redact' in parse) || (!utf8 && isCompressed(raw))) return raw;
  const encoding = utf8 ? 'utf8' : 'latin1';
  const text = raw.toString(encoding);
  const redacted = parse.redact(text);
  return redacted === text ? raw : Buffer.from(redacted, encoding);
}

export function redactedMessage(message: PubsubMessage, parse: ParseRecord | Parser): PubsubMessage {
  if (!('redact' in parse)) return message;
  const attributes = Object.entries(message.attributes).map(([name, value]) => [name, parse.redact(value)]);
  return { ...message, attributes: Object.fromEntries(attributes) as Record<string, string> };
}

const isCompressed = (raw: Buffer): boolean => (raw[0] === 0x1f && raw[1] === 0x8b) || raw[0] === 0x78;
