/** E-mail addresses: a local part of at most 64 characters, a host with a dot whose last label is of letters. */
import { isDigitCode, isLetterCode, isWordCode, type Rule } from './rule.ts';

const MAX_LOCAL = 64;
const MAX_HOST = 253;
/** systemd's instances of units (`getty@tty1.service`) are no addresses. */
const UNITS = new Set([
  'service',
  'socket',
  'timer',
  'mount',
  'slice',
  'scope',
  'target',
  'path',
  'device',
  'swap',
]);

export const email: Rule = {
  name: 'email',
  find(text, add) {
    for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
      const start = localStart(text, at);
      if (start === at) continue;
      const end = hostEnd(text, at + 1);
      if (end > 0) add(start, end);
    }
  },
  normalize: (value) => value.toLowerCase(),
};

function localStart(text: string, at: number): number {
  const least = Math.max(0, at - MAX_LOCAL);
  let start = at;
  while (start > least && isLocal(text.charCodeAt(start - 1))) start--;
  while (start < at && isPunctuation(text.charCodeAt(start))) start++;
  return start;
}

/** End of a host at `start`; 0: what stands there is none. */
function hostEnd(text: string, start: number): number {
  const most = Math.min(text.length, start + MAX_HOST);
  let end = start;
  let label = start;
  let dots = 0;
  let good = 0;
  for (; end <= most; end++) {
    const code = end < text.length ? text.charCodeAt(end) : 0;
    if (isHost(code)) continue;
    if (end === label) break;
    if (dots > 0 && isTop(text, label, end)) good = end;
    if (code !== 0x2e) break;
    dots++;
    label = end + 1;
  }
  return good;
}

function isTop(text: string, start: number, end: number): boolean {
  const length = end - start;
  if (length < 2 || length > 24) return false;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (!isLetterCode(code) && code < 0x80 && !(text.startsWith('xn--', start) && isHost(code))) return false;
  }
  return !UNITS.has(text.slice(start, end));
}

const isHost = (code: number): boolean =>
  isLetterCode(code) || isDigitCode(code) || code === 0x2d || code >= 0x80;

const isPunctuation = (code: number): boolean =>
  code === 0x2e || code === 0x2d || code === 0x27 || code === 0x3d;

// RFC 5322's atext without the marks that delimit values in logs (`=`, `&`, `/`, quotes).
const isLocal = (code: number): boolean =>
  isWordCode(code) || code === 0x2e || code === 0x2b || code === 0x2d || code === 0x25 || code >= 0x80;
