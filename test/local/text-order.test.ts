import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareText } from '../../local/text-order.ts';

it('orders strings as their UTF-8 bytes, beyond 0xffff too', () => {
  const unit = fc.constantFrom('a', 'b', '/', 'é', '€', '\ue000', '\uffff', '😀', '𐀀');
  const text = fc.string({ unit, maxLength: 4 });
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(compareText(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
    { numRuns: 1_000 },
  );
});
