import { describe, expect, it } from 'vitest';
import { checkDatetimeFormat, objectName } from '../../../local/pubsub/object-name.ts';
import cases from '../../cases/pubsub-object-names.json' with { type: 'json' };

describe('the name of an archive file', () => {
  it.each(cases.names)('$name, as the documentation shows', ({ config, name }) => {
    checkDatetimeFormat(config.filenameDatetimeFormat ?? '');
    expect(objectName(config, Date.UTC(2023, 8, 25, 4, 10), 'uN1QuE')).toBe(name);
  });

  it.each(cases.refused)('of the format %s is refused', (format) => {
    expect(() => checkDatetimeFormat(format)).toThrow(/^Invalid filename_datetime_format/);
  });
});
