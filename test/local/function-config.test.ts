import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { functionConfig } from '../../local/function-config.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'logweir-settings-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const given = (env: object): Promise<void> =>
  writeFile(join(folder, 'function-env.json'), JSON.stringify(env));

describe('a command that does the work of functions', () => {
  it('does it with the settings of a deployed stack, without a laptop cloud', async () => {
    await given({
      LOGWEIR_PROJECT: 'my-project',
      LOGWEIR_CLOSE_URL: 'https://close',
      LOGWEIR_DATASET: 'logs',
    });
    expect(await functionConfig(folder)).toMatchObject({ project: 'my-project', dataset: 'logs' });
  });

  it('says that nothing runs when the settings are those of the laptop, or none', async () => {
    await expect(functionConfig(folder)).rejects.toThrow(/nothing runs with the data folder/);
    await given({ LOGWEIR_PROJECT: 'logweir-local', LOGWEIR_CLOSE_URL: 'http://127.0.0.1/' });
    await expect(functionConfig(folder)).rejects.toThrow(/nothing runs with the data folder/);
  });
});
