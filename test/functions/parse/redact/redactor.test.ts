import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ownRule, ownRules } from '../../../../functions/parse/redact/own-rules.ts';
import { createRedactor } from '../../../../functions/parse/redact/redactor.ts';
import { RULE_NAMES, RULES } from '../../../../functions/parse/redact/rules.ts';
import { mayHoldSecret } from '../../../../functions/parse/redact/trigger.ts';

interface Case {
  readonly what: string;
  readonly text: string;
  readonly redacted: string;
}

const cases = JSON.parse(
  readFileSync(new URL('../../../cases/redaction.json', import.meta.url), 'utf8'),
) as readonly Case[];
const redactor = createRedactor();
const keyed = createRedactor({ key: 'a key of sixteen characters' });

describe('redaction of a text', () => {
  for (const { what, text, redacted } of cases) {
    const verb = text === redacted ? 'leaves' : 'takes out';
    it(`${verb} ${what}`, () => {
      expect(redactor.text(text)).toBe(redacted);
      expect(redactor.text(redacted)).toBe(redacted);
    });
  }

  it('changes nothing the second time, also with a key, whatever the text', () => {
    const piece = fc.oneof(
      fc.constantFrom(...cases.map(({ text }) => text)),
      fc.string({ maxLength: 12 }),
      fc.constantFrom('password=', 'token: ', '"', '@', '[secret', '://', ' '),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        for (const one of [redactor, keyed]) {
          const once = one.text(pieces.join(''));
          expect(one.text(once)).toBe(once);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('looks at every text that a rule finds something in', () => {
    const hex = '0123456789abcdef'.repeat(3);
    const letters = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJ';
    const pieces = [
      ...[
        'SK',
        'dapi',
        'key-',
        'doo_v1_',
        'dor_v1_',
        'hf_',
        'npm_',
        'pypi-',
        'sk-',
        'whsec_',
        'glpat-',
        'ya29.',
        'LTAI',
      ],
      ...[
        'AKIA',
        'ASIA',
        'AIza',
        'GOCSPX-',
        'gho_',
        'github_pat_',
        'xapp-',
        'rk_test_',
        'hooks.slack.com/services/',
        ':AA',
      ],
      ...[
        'SG.',
        '.',
        'eyJ',
        'sig=',
        'AccountKey=',
        'Bearer ',
        'authorization: Basic ',
        'Cookie: ',
        'cvc=',
        'cvv: ',
        'ssn=',
      ],
      ...[
        'signingkey=',
        'encryptionkey: ',
        'x-api-key',
        'passphrase',
        'credentials',
        'secret_key',
        '--password ',
        'pwd',
        '=',
      ],
      ...[
        '://u:',
        '@',
        'a@b.de',
        '12345678',
        '4111 1111 1111 1111',
        '2221000000000009',
        'DE89370400440532013000',
        ' ',
        '"',
        '?',
      ],
      ...[hex, hex.slice(0, 32), letters, letters.toUpperCase().slice(10, 30)],
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 5 }), (parts) => {
        const text = parts.join('');
        for (const rule of RULES)
          if (rule.name !== 'ip')
            rule.find(text, () => expect(`${mayHoldSecret(text)} ${rule.name} ${text}`).toMatch(/^true/));
      }),
      { numRuns: 20_000, examples: [[['pwd', '=', '@']]] },
    );
  });

  it('counts by rule', () => {
    const counting = createRedactor();
    counting.text('a@example.com, b@example.com, password=x');
    expect(counting.counts).toMatchObject({ email: 2, secret: 1, card: 0 });
  });

  it('takes out IP addresses when asked for', () => {
    const one = createRedactor({ rules: ['ip'] });
    expect(one.text('from 10.0.0.1:80 and 2001:db8::1 at 10:00:00, a@example.com')).toBe(
      'from [ip]:80 and [ip] at 10:00:00, a@example.com',
    );
  });

  it('of 100 KB made to be slow costs no more than two seconds, where quadratic time would take minutes', () => {
    const all = createRedactor({ rules: RULE_NAMES });
    const seeds = [
      '@',
      'a@',
      'a@b.',
      'eyJ',
      'eyJaaaaaa.',
      '://a:',
      'token=',
      'password="',
      '4',
      '4111 ',
      'DE89',
      ':',
    ];
    const dashes = `-----BEGIN ${'PRIVATE KEY-----'}`;
    for (const seed of [
      ...seeds,
      dashes,
      'cookie:',
      'SG.aaaaaaaaaaaaaaaa',
      'sk-',
      'pass ',
      '_',
      '1.',
      'a:',
    ]) {
      const text = seed.repeat(Math.ceil(100_000 / seed.length));
      all.text(text);
      const startMs = performance.now();
      all.text(text);
      expect(performance.now() - startMs, seed).toBeLessThan(2000);
    }
  });
});

describe('redaction with a key', () => {
  it('gives equal values equal placeholders, other values and other keys other ones', () => {
    const [first, same, other] = keyed.text('a@example.com A@Example.com b@example.com').split(' ');
    expect(first).toMatch(/^\[email:[\da-f]{16}\]$/);
    expect(same).toBe(first);
    expect(other).not.toBe(first);
    expect(createRedactor({ key: 'another key of characters' }).text('a@example.com')).not.toBe(first);
  });
});

describe('redaction of labels', () => {
  it('takes out secrets by the names of their fields, and what rules find in any value', () => {
    const labels = {
      password: 'x',
      dbPassword: 12,
      token: 'short',
      tokens: 5,
      nested: { apiKey: 'abc', list: ['a@example.com', { client_secret: 's' }] },
      pan: 4111111111111111,
      note: 'say "hi"',
    };
    expect(JSON.parse(redactor.json(JSON.stringify(labels)))).toEqual({
      password: '[secret]',
      dbPassword: '[secret]',
      token: '[secret]',
      tokens: 5,
      nested: { apiKey: '[secret]', list: ['[email]', { client_secret: '[secret]' }] },
      pan: '[card]',
      note: 'say "hi"',
    });
  });

  it('keeps both of two names that become the same', () => {
    expect(redactor.json('{"a@example.com":1,"b@example.com":2}')).toBe('{"[email]":1,"[email]_2":2}');
  });
});

describe('rules of redaction of one’s own', () => {
  it('take out what they find', () => {
    const one = createRedactor({ own: [ownRule('employee', 'EMP-[0-9]{6}')] });
    expect(one.text('by EMP-123456')).toBe('by [employee]');
  });

  it('cannot hang on an expression that hangs others', () => {
    const one = createRedactor({ own: [ownRule('slow', '(a+)+$')] });
    const startMs = performance.now();
    expect(one.text(`${'a'.repeat(5000)}!`)).toBe(`${'a'.repeat(5000)}!`);
    expect(performance.now() - startMs).toBeLessThan(2000);
  });

  for (const text of ['{"a":"(?=x)"}', '{"a":"(x)\\\\1"}', '{"a":"x*"}', '{"A b":"x"}', '[', '{"a":"("}']) {
    it(`${text} is refused`, () => expect(ownRules.parse(text)).toBeUndefined());
  }
});
