/** IP addresses, version 4 and 6. Optional: most logs are of little use without them. */
import { isIPv6 } from 'node:net';
import type { Rule } from './rule.ts';

const V4 = /(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d{1,2})\.){3}(?:25[0-5]|2[0-4]\d|1?\d{1,2})(?![\w]|\.\d)/g;
const V6 = /(?<![\w:.])[\da-fA-F]{0,4}(?::[\da-fA-F]{0,4}){2,7}(?:%\w{1,16})?(?![\w:])/g;

export const address: Rule = {
  name: 'ip',
  find(text, add) {
    for (const pattern of [V4, V6]) {
      pattern.lastIndex = 0;
      for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
        // A time of day is no address: isIPv6 wants eight groups, or "::".
        if (pattern === V6 && !isIPv6(match[0])) continue;
        add(match.index, match.index + match[0].length);
      }
    }
  },
  normalize: (value) => value.toLowerCase(),
};
