import { ownText } from '../../own-text.ts';

/** Names of fields whose value is a secret, however it looks: `password`, `dbPassword`, `x-api-key`, `refresh_token`. */
const LAST = new Set(
  (
    'pass passwd password passphrase passcode pwd secret token credential credentials cookie authorization cvv cvv2 ' +
    'cvc ssn apikey accesskey secretkey privatekey accesstoken refreshtoken authtoken idtoken sessiontoken apitoken ' +
    'clientsecret'
  ).split(' '),
);
const BEFORE_KEY = new Set(['api', 'access', 'account', 'private', 'secret', 'encryption', 'signing']);

const known = new Map<string, boolean>();
const MAX_KNOWN = 5000;

/** Whether a field of this name holds a secret. */
export function isSecretName(name: string): boolean {
  if (name.length > 80) return false;
  const answer = known.get(name);
  if (answer !== undefined) return answer;
  const secret = judge(name);
  if (known.size < MAX_KNOWN) known.set(ownText(name), secret);
  return secret;
}

function judge(name: string): boolean {
  const words = name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== '');
  const last = words.at(-1) ?? '';
  if (LAST.has(last) || /(?:password|passwd|passphrase|pwd)$/.test(last)) return true;
  return last === 'key' && BEFORE_KEY.has(words.at(-2) ?? '');
}
