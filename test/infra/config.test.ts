import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { readSettings } from '../../infra/config.ts';

const yaml = createRequire(import.meta.url)('js-yaml') as { load(text: string): unknown };

const least = { environment: 'dev', project: 'my-project', region: 'europe-west1', costOwner: 'me' };

async function example(stack: string): Promise<unknown> {
  const text = await readFile(new URL(`../../infra/examples/Pulumi.${stack}.yaml`, import.meta.url), 'utf8');
  return (yaml.load(text) as { config: Record<string, unknown> }).config['logweir:settings'];
}

describe('the settings of a stack', () => {
  it.each(['dev', 'prod'])('the example of %s is valid', async (stack) => {
    expect(readSettings(await example(stack)).environment).toBe(stack);
  });

  it('four lines are enough, and the rest has defaults', () => {
    expect(readSettings(least)).toMatchObject({ prefix: 'logweir', models: 'none', maxDeliveryAttempts: 20 });
  });

  it.each([
    [true, 'endpoint'],
    [false, 'none'],
    ['endpoint', 'endpoint'],
    ['process', 'process'],
    ['none', 'none'],
  ])('models: %j is %s', (models, place) => {
    expect(readSettings({ ...least, models }).models).toBe(place);
  });

  it.each([
    [{ region: 'mars-1' }, /region: "mars-1" is not valid; .*europe-west1/],
    [{ environment: 'test' }, /environment: "test" is not valid; .*dev.*prod/],
    [{ colour: 'red' }, /colour is no setting; allowed: environment, project/],
    [{ costOwner: undefined }, /costOwner: is not set/],
    [{ analysts: ['allUsers'] }, /analysts\.0: "allUsers" is not valid; .*group:/],
    [{ publishers: ['allAuthenticatedUsers'] }, /publishers\.0: "allAuthenticatedUsers"/],
    [{ instances: { parse: { min: 5, max: 2 } } }, /instances\.parse: min 5 is more than max 2/],
    [{ instances: { prase: { min: 1 } } }, /prase/],
    [{ maxDeliveryAttempts: 3 }, /maxDeliveryAttempts: 3 is not valid; .*5/],
    [{ kmsKey: 'my-key' }, /kmsKey: "my-key" is not valid; projects\//],
    [
      { kmsKey: 'projects/p/locations/us-east1/keyRings/r/cryptoKeys/k' },
      /kmsKey: lies in us-east1; allowed: a key in europe-west1/,
    ],
    [{ functions: { LOGWEIR_WINDOW_SIZE: 'ten' } }, /LOGWEIR_WINDOW_SIZE="ten" is not valid.*1s to 1d/],
    [{ functions: { LOGWEIR_WINDOWS: '1' } }, /LOGWEIR_WINDOWS is not a setting/],
    [{ functions: { LOGWEIR_DATASET: 'mine' } }, /LOGWEIR_DATASET: the program sets it/],
    [{ functions: { LOGWEIR_SLACK_TOKEN: 'xoxb-0123456789' } }, /LOGWEIR_SLACK_TOKEN: a secret/],
    [{ environment: 'prod' }, /operators: empty/],
    [{ serving: { image: 'europe-west1-docker.pkg.dev/p/r/serving:1' } }, /serving: needs models: endpoint/],
    [{ models: 'both' }, /models: "both" is not valid; .*endpoint.*process.*none/],
    [
      { models: 'process', serving: { image: 'europe-west1-docker.pkg.dev/p/r/serving:1' } },
      /serving: needs models: endpoint/,
    ],
    [{ functions: { LOGWEIR_MODELS: 'process' } }, /LOGWEIR_MODELS: the program sets it/],
    [
      { models: true, serving: { image: 'serving' } },
      /serving\.image: "serving" is not valid; .*docker\.pkg\.dev/,
    ],
  ])('%j is refused, with what is allowed', (wrong, message) => {
    expect(() => readSettings({ ...least, ...wrong })).toThrow(message);
  });
});
