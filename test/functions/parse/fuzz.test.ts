import fc from 'fast-check';
import { describe, it } from 'vitest';
import { records } from '../../fuzz/hostile.ts';
import { check } from '../../fuzz/laws.ts';

describe('hostile records', () => {
  it('break no law: no exception, no hang, nothing lost, printed entries read again as they were', {
    timeout: 120_000,
  }, () => {
    fc.assert(fc.property(records, check), { numRuns: 2000 });
  });
});
