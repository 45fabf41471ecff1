/**
 * E-mail over an authenticated relay. The Message-ID is made of incident and number, so a mail that is sent twice after
 * a crash is one to a reader; updates answer the first mail.
 */
import { createTransport } from 'nodemailer';
import { mailOf } from '../message/mail.ts';
import { type Channel, later, type Outcome, refused, sent } from './channel.ts';

export interface MailOptions {
  /** smtp://user:password@host:587 or smtps://… */
  readonly url: string;
  readonly from: string;
  readonly to: readonly string[];
}

const TIMEOUT_MS = 15_000;
/** Services that join one after the other are one more mail, not ten. */
const UPDATE_EVERY_MS = 60_000;

export function mail({ url, from, to }: MailOptions): Channel {
  const { username, protocol } = new URL(url);
  const transport = createTransport({
    url,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    // A password never goes over the wire in plain text.
    requireTLS: username !== '' && protocol === 'smtp:',
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = /@([a-z0-9.-]+)>?$/i.exec(from)?.[1] ?? 'logweir.invalid';
  return {
    name: 'mail',
    updates: 'reply',
    intervalMs: 0,
    updateEveryMs: UPDATE_EVERY_MS,
    async send({ message, thread }) {
      const known = thread === null ? null : { first: Number(thread.first), subject: String(thread.subject) };
      const { subject, text, html, messageId, inReplyTo, png } = mailOf(message, known, domain);
      try {
        await transport.sendMail({
          ...{ from, to: [...to], subject, text, html, messageId },
          ...(inReplyTo === null ? {} : { inReplyTo, references: inReplyTo }),
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Logweir-Incident': message.incidentId },
          attachments:
            png === null
              ? []
              : [
                  {
                    filename: 'sparkline.png',
                    content: png,
                    contentType: 'image/png',
                    cid: 'sparkline',
                    contentDisposition: 'inline',
                  },
                ],
        });
      } catch (error) {
        return failed(error);
      }
      return sent(thread ?? { first: message.sequence, subject });
    },
  };
}

/** 5xx is for good, but for a login or encryption: somebody will set it right. */
function failed(error: unknown): Outcome {
  const { responseCode, code } = error as { readonly responseCode?: unknown; readonly code?: unknown };
  const why = `SMTP ${typeof responseCode === 'number' ? responseCode : String(code ?? 'failed')}`;
  const final =
    typeof responseCode === 'number' && responseCode >= 500 && code !== 'EAUTH' && code !== 'ETLS';
  return final ? refused(why) : later(why);
}
