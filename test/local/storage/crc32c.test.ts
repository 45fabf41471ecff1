import { CRC32C } from '@google-cloud/storage';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32c, formatCrc32c } from '../../../local/storage/crc32c.ts';

describe('CRC-32C', () => {
  // RFC 3720, appendix B.4, and the check value of the Rocksoft catalogue.
  it.each([
    ['32 zeros', Buffer.alloc(32), 0x8a9136aa],
    ['32 bytes of 0xff', Buffer.alloc(32, 0xff), 0x62a8ab43],
    ['0 to 31', Buffer.from(Array.from({ length: 32 }, (_, n) => n)), 0x46dd794e],
    ['31 to 0', Buffer.from(Array.from({ length: 32 }, (_, n) => 31 - n)), 0x113fdb5c],
    ['123456789', Buffer.from('123456789'), 0xe3069283],
    ['nothing', Buffer.alloc(0), 0],
  ])('of %s is as published', (_, bytes, sum) => {
    expect(crc32c(bytes)).toBe(sum);
  });

  it('is the same in pieces as in one, and as Google computes it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (bytes, cut) => {
        const whole = crc32c(bytes);
        const theirs = new CRC32C();
        theirs.update(Buffer.from(bytes));
        expect(crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut)))).toBe(whole);
        expect(formatCrc32c(whole)).toBe(theirs.toString());
      }),
    );
  });
});
