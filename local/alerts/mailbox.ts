/** A mail server on loopback that keeps every mail instead of sending it on. What it cannot read it keeps as text. */
import type { AddressInfo } from 'node:net';
import PostalMime from 'postal-mime';
import { SMTPServer, type SMTPServerDataStream } from 'smtp-server';
import { type Journal, openJournal } from './journal.ts';

export interface CaughtMail {
  readonly receivedAtMs: number;
  readonly messageId: string;
  readonly inReplyTo: string | null;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Inline pictures by their content id, as data: URLs. */
  readonly images: Readonly<Record<string, string>>;
}

export interface Mailbox {
  readonly port: number;
  readonly mails: readonly CaughtMail[];
  close(): Promise<void>;
}

const MAX_BYTES = 10 * 1024 * 1024;

export async function startMailbox(options: {
  readonly port: number;
  readonly file: string;
  readonly now: () => number;
  /** What it answers instead of taking a mail; null: it takes it. */
  readonly fault?: () => number | null;
}): Promise<Mailbox> {
  const journal = openJournal<CaughtMail>(options.file);
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    authOptional: true,
    disableReverseLookup: true,
    size: MAX_BYTES,
    logger: false,
    onData(stream, session, done) {
      const to = session.envelope.rcptTo.map(({ address }) => address);
      read(stream)
        .then((bytes) => {
          const responseCode = options.fault?.() ?? null;
          if (responseCode !== null) throw Object.assign(new Error('as it was told to'), { responseCode });
          return bytes;
        })
        .then((bytes) => keep(bytes, to, journal, options.now()))
        .then(() => done(), done);
    },
  });
  // A client that goes away in the middle is no fault of ours.
  server.on('error', () => {});
  const port = await new Promise<number>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(options.port, '127.0.0.1', () => resolve((server.server.address() as AddressInfo).port));
  });
  let closed: Promise<void> | undefined;
  return {
    port,
    mails: journal.entries,
    close: () => {
      closed ??= new Promise<void>((resolve) => server.close(() => resolve()));
      return closed;
    },
  };
}

async function read(stream: SMTPServerDataStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  if (stream.sizeExceeded) throw Object.assign(new Error('message too large'), { responseCode: 552 });
  return Buffer.concat(chunks);
}

async function keep(
  bytes: Buffer,
  to: readonly string[],
  journal: Journal<CaughtMail>,
  nowMs: number,
): Promise<void> {
  const mail = await PostalMime.parse(bytes);
  const images = mail.attachments.flatMap(({ contentId, mimeType, content }): [string, string][] =>
    contentId === undefined || typeof content === 'string' || !mimeType.startsWith('image/')
      ? []
      : [
          [
            contentId.replace(/^<|>$/g, ''),
            `data:${mimeType};base64,${Buffer.from(content as ArrayBuffer).toString('base64')}`,
          ],
        ],
  );
  journal.add({
    receivedAtMs: nowMs,
    messageId: mail.messageId ?? '',
    inReplyTo: mail.inReplyTo ?? null,
    from: mail.from?.address ?? '',
    to,
    subject: mail.subject ?? '',
    text: mail.text ?? '',
    html: mail.html ?? '',
    images: Object.fromEntries(images),
  });
}
