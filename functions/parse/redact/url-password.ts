/** Passwords in URLs: `postgres://app:secret@db.example.com/orders`. Only the password goes. */
import { type AddSpan, isDigitCode, type Rule } from './rule.ts';

const MAX_AUTHORITY = 512;

export const urlPassword: Rule = {
  name: 'url_password',
  find(text, add) {
    let mark = 0;
    for (let at = text.indexOf('://'); at >= 0; at = text.indexOf('://', at + 3)) {
      const start = at + 3;
      // Without an "@" ahead nothing needs to be read, however many "://" there are.
      if (mark < start) mark = text.indexOf('@', start);
      if (mark < 0) return;
      if (mark - start < MAX_AUTHORITY) readAuthority(text, start, add);
    }
  },
};

function readAuthority(text: string, start: number, add: AddSpan): void {
  const most = Math.min(text.length, start + MAX_AUTHORITY);
  let colon = -1;
  let last = -1;
  for (let i = start; i < most; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x3a && colon < 0) colon = i;
    else if (code === 0x40) last = i;
    else if (endsText(code)) break;
    else if (endsAuthority(code) && (colon < 0 || last >= 0 || isPort(text, colon + 1, i))) break;
  }
  if (colon >= 0 && last > colon + 1 && !text.startsWith('[url_password', colon + 1)) add(colon + 1, last);
}

/** White space, quotes and brackets end a URL. */
const endsText = (code: number): boolean =>
  code <= 0x20 ||
  code === 0x22 ||
  code === 0x27 ||
  code === 0x3c ||
  code === 0x3e ||
  code === 0x5c ||
  code === 0x60;

/** A slash, a question mark or a hash end the authority; before the "@" they may be of a careless password. */
const endsAuthority = (code: number): boolean =>
  code === 0x2f || code === 0x3f || code === 0x23 || code === 0x2c;

function isPort(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (!isDigitCode(text.charCodeAt(i))) return false;
  return end - start <= 5;
}
