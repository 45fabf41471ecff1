import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const LOGWEIR = fileURLToPath(new URL('../../local/logweir.mjs', import.meta.url));

describe('a reader that stops early, as head does', () => {
  let file: string;

  beforeAll(async () => {
    file = join(await mkdtemp(join(tmpdir(), 'pipe-')), 'long.log');
    const lines = Array.from({ length: 20_000 }, (_, i) => `order ${i} stored`);
    await writeFile(file, lines.join('\n'));
  });

  afterAll(() => rm(join(file, '..'), { recursive: true }));

  for (const command of ['parse', 'patterns']) {
    it(`ends logweir ${command} without a word of it`, async () => {
      const shell = `'${process.execPath}' '${LOGWEIR}' ${command} '${file}' | head -n 1`;
      const { stdout, stderr } = await promisify(execFile)('sh', ['-c', shell]);
      expect(stdout.split('\n')).toHaveLength(2);
      expect(stderr).not.toMatch(/EPIPE|Error/);
    });
  }
});
