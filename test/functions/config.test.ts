import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig, SETTINGS, settingsTable } from '../../functions/config.ts';

const REQUIRED = { LOGWEIR_PROJECT: 'demo', LOGWEIR_CLOSE_URL: 'http://127.0.0.1:8711/' };

describe('settings', () => {
  it('have defaults for all but the project and the URL of the close function', () => {
    const config = loadConfig(REQUIRED);
    expect(config.windowSizeMs).toBe(10_000);
    expect(config.maxUnpackedBytes).toBe(64 * 1024 * 1024);
    expect(config.jobs).toEqual(['service_health']);
    expect(config.bigqueryWriteEndpoint).toBeNull();
  });

  it('say all that is wrong at once: name, value and what is allowed', () => {
    const wrong = { ...REQUIRED, LOGWEIR_WINDOW_SIZE: '10 parsecs', LOGWEIR_JOBS: 'health' };
    const load = () => loadConfig(wrong);
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(/LOGWEIR_WINDOW_SIZE="10 parsecs" is not valid.*allowed: a duration from 1s to 1d/);
    expect(load).toThrow(/LOGWEIR_JOBS="health" is not valid.*service_health, error_counts/);
  });

  it('refuse a name that is no setting, so that a typing error does not pass in silence', () => {
    expect(() => loadConfig({ ...REQUIRED, LOGWEIR_WINDOW_SIZ: '10s' })).toThrow(
      /LOGWEIR_WINDOW_SIZ is not a setting/,
    );
  });

  it('name the required setting that is missing', () => {
    expect(() => loadConfig({ LOGWEIR_PROJECT: 'demo' })).toThrow(/LOGWEIR_CLOSE_URL is not set/);
  });

  it('out of bounds are refused', () => {
    expect(() => loadConfig({ ...REQUIRED, LOGWEIR_MAX_DEPTH: '0' })).toThrow(/from 1 to 500/);
    expect(() => loadConfig({ ...REQUIRED, LOGWEIR_MAX_RECORD: '1GiB' })).toThrow(/LOGWEIR_MAX_RECORD/);
  });

  it('of redaction and formats are read into rules and names', () => {
    const config = loadConfig({
      ...REQUIRED,
      LOGWEIR_REDACT: 'email,ip',
      LOGWEIR_REDACT_OWN: '{"employee":"EMP-[0-9]+"}',
      LOGWEIR_FORMATS: 'checkout=logfmt, legacy=text',
    });
    expect(config.redactRules).toEqual(['email', 'ip']);
    expect(config.redactOwn.map((rule) => rule.name)).toEqual(['employee']);
    expect(config.formats).toEqual({ checkout: 'logfmt', legacy: 'text' });
    expect(config.redactKey).toBeNull();
  });

  it('of the tables are read by name, and refused where a value is none', () => {
    const load = (text: string) =>
      loadConfig({ ...REQUIRED, LOGWEIR_TABLE_EXPIRATION: text }).tableExpirationMs;
    expect(load('service_windows=400d, dead_letters=90d')).toEqual({
      service_windows: 34_560_000_000,
      dead_letters: 7_776_000_000,
    });
    expect(load('')).toEqual({});
    for (const wrong of ['service_windows', 'service_windows=4', '=90d', 'a=1d=2d']) {
      expect(() => load(wrong)).toThrow(/LOGWEIR_TABLE_EXPIRATION=.* is not valid/);
    }
    const tagged = (text: string) => loadConfig({ ...REQUIRED, LOGWEIR_POLICY_TAG: text }).policyTag;
    expect(tagged('projects/p/locations/eu/taxonomies/1/policyTags/2')).toMatch(/^projects/);
    expect(() => tagged('personal')).toThrow(/LOGWEIR_POLICY_TAG/);
  });

  it('that are secrets are not printed when they are refused', () => {
    const load = () => loadConfig({ ...REQUIRED, LOGWEIR_REDACT_KEY: 'too short' });
    expect(load).toThrow(/LOGWEIR_REDACT_KEY="…" is not valid.*at least 16 characters/);
    expect(load).not.toThrow(/too short/);
  });

  it('all stand in the printed table with a default that is valid', () => {
    const table = settingsTable();
    for (const one of Object.values(SETTINGS)) expect(table).toContain(one.env);
  });
});
