import { describe, expect, it } from 'vitest';
import { parseFilter } from '../../../local/pubsub/filter.ts';
import cases from '../../cases/pubsub-filters.json' with { type: 'json' };

describe('a filter', () => {
  it.each(cases.taken)('$filter on $attributes passes: $passes', ({ filter, attributes, passes }) => {
    expect(parseFilter(filter)(attributes as Record<string, string>)).toBe(passes);
  });

  it.each(cases.refused)('%s is refused, not half applied', (filter) => {
    expect(() => parseFilter(filter)).toThrow(/^Invalid filter given/);
  });

  it('longer than 256 bytes is refused', () => {
    expect(() => parseFilter(`attributes.a = "${'x'.repeat(256)}"`)).toThrow(/256 bytes/);
  });
});
