/** Credentials that are known by their look: JWTs, bearer tokens, private keys, keys of the well-known clouds. */
import { isWordCode, type Rule } from './rule.ts';

/** JSON Web Tokens, signed or encrypted: base64url that begins with `{"`, a dot, more. */
export const jwt: Rule = {
  name: 'jwt',
  find(text, add) {
    for (let at = text.indexOf('eyJ'); at >= 0; ) {
      let end = partEnd(text, at);
      const isToken = end - at >= 9 && text.charCodeAt(end) === 0x2e && partEnd(text, end + 1) - end > 6;
      if (isToken) {
        for (let part = 0; part < 4 && text.charCodeAt(end) === 0x2e; part++) end = partEnd(text, end + 1);
        // A full stop behind the token is the sentence's.
        if (text.charCodeAt(end - 1) === 0x2e) end--;
        if (!isWordCode(text.charCodeAt(at - 1))) add(at, end);
      }
      // What is no token from its first mark on is none from a later mark in the same part.
      at = text.indexOf('eyJ', Math.max(end, at + 3));
    }
  },
};

function partEnd(text: string, from: number): number {
  let end = from;
  while (isWordCode(text.charCodeAt(end)) || text.charCodeAt(end) === 0x2d) end++;
  return end;
}

const BEARER = /(?<![\w[])bearer[ \t:=]{1,4}(?:\\?["'])?([\w.~+/-]{8,}={0,2})/gi;

/** `Bearer …`: the token, unless it is a word of prose ("bearer authentication"). */
export const bearer: Rule = {
  name: 'bearer',
  find(text, add) {
    BEARER.lastIndex = 0;
    for (let match = BEARER.exec(text); match !== null; match = BEARER.exec(text)) {
      const token = match[1]!;
      const end = match.index + match[0].length;
      if (/[\d._~+/]/.test(token.slice(0, -1)) || token.length >= 20) add(end - token.length, end);
    }
  },
};

/**
 * Keys by the prefixes their issuers give them. Each prefix is followed by one class of characters, so that a match
 * ends where the key does.
 */
const KEYS: readonly RegExp[] = [
  // Amazon: access key ids.
  /(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}/g,
  // Google: API keys, OAuth access tokens, client secrets.
  /AIza[\w-]{35}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{24,}/g,
  // GitHub and GitLab.
  /gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|glpat-[\w-]{20,}/g,
  // Slack: tokens, webhooks.
  /xox[abeprs]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,}|hooks\.slack\.com\/(?:services|workflows)\/[A-Za-z0-9/]{20,}/g,
  // Stripe, SendGrid, Twilio.
  /[srp]k_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/]{20,}|SG\.[\w-]{16,}\.[\w-]{16,}|SK[\da-f]{32}/g,
  // OpenAI, Anthropic, Hugging Face, Databricks.
  /sk-[A-Za-z0-9_-]{20,}|hf_[A-Za-z0-9]{30,}|dapi[\da-f]{32}/g,
  // npm, PyPI, DigitalOcean, Telegram, Mailgun, Alibaba.
  /npm_[A-Za-z0-9]{36}|pypi-[\w-]{50,}|do[opr]_v1_[\da-f]{64}|\d{8,10}:AA[\w-]{30,}|key-[\da-f]{32}|LTAI[A-Za-z0-9]{12,24}/g,
  // Azure: storage account keys, shared access signatures.
  /(?<=AccountKey=)[A-Za-z0-9+/]{40,}={0,2}|(?<=[?&;]sig=)[A-Za-z0-9%+/]{20,}={0,2}/g,
];

export const apiKey: Rule = {
  name: 'api_key',
  find(text, add) {
    for (const pattern of KEYS) findAll(text, add, pattern);
  },
};

function findAll(text: string, add: (start: number, end: number) => void, pattern: RegExp): void {
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    // Inside a longer word it is part of something else.
    if (isWordCode(text.charCodeAt(match.index - 1)) && isWordCode(match[0].charCodeAt(0))) continue;
    add(match.index, match.index + match[0].length);
  }
}

const BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
const END = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;

/** Private keys in PEM, from their first line to their last; without a last line, to the end of the text. */
export const privateKey: Rule = {
  name: 'private_key',
  find(text, add) {
    BEGIN.lastIndex = 0;
    for (let match = BEGIN.exec(text); match !== null; match = BEGIN.exec(text)) {
      END.lastIndex = BEGIN.lastIndex;
      const last = END.exec(text);
      const end = last === null ? text.length : END.lastIndex;
      add(match.index, end);
      if (last === null) return;
      BEGIN.lastIndex = end;
    }
  },
};
