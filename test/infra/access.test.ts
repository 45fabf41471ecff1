import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCESSES, type Access, accessesOf, CALLS } from '../../infra/access.ts';
import { type Bundle, bundleFunction, registeredFunctions } from '../../infra/bundle.ts';
import { lockOf, readLock } from '../../infra/bundle-lock.ts';
import { FUNCTION_NAMES, SECRETS } from '../../infra/config.ts';
import { PLANS } from '../../infra/plan.ts';

let folder: string;
const bundles = new Map<string, Bundle>();
/** Those whose models judge in the process. */
const inProcess = new Map<string, Bundle>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'logweir-infra-'));
  for (const name of FUNCTION_NAMES) {
    bundles.set(name, await bundleFunction(name, folder));
    inProcess.set(name, await bundleFunction(name, join(folder, 'process'), 'process'));
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What in a bundle shows that a secret is used. */
const USES: Readonly<Record<string, RegExp>> = {
  LOGWEIR_REDACT_KEY: /createRedactor\(/,
  LOGWEIR_API_KEY: /createGate\(/,
  LOGWEIR_SLACK_SIGNING_SECRET: /createGate\(/,
};

const callsOf = (code: string): string[] =>
  Object.entries(ACCESSES)
    .filter(([, { evidence }]) => evidence.test(code))
    .map(([access]) => access)
    .sort();

describe('what functions call', () => {
  it('every function that is registered is deployed, and no other', async () => {
    expect([...(await registeredFunctions()).keys()].sort()).toEqual([...FUNCTION_NAMES].sort());
    expect(Object.keys(PLANS).sort()).toEqual([...FUNCTION_NAMES].sort());
  });

  it.each(FUNCTION_NAMES)('the table says of %s what its code calls, all of it and no more', (name) => {
    expect(callsOf(bundles.get(name)!.code)).toEqual(
      [...accessesOf(name, { models: 'endpoint', rows: 'load' })].sort(),
    );
    expect(callsOf(inProcess.get(name)!.code)).toEqual(
      [...accessesOf(name, { models: 'process', rows: 'load' })].sort(),
    );
  });

  it('every access is one that some function makes', () => {
    const made = new Set(Object.values(CALLS).flat());
    expect([...made].sort()).toEqual(Object.keys(ACCESSES).sort());
  });

  it('every client of Google that a bundle opens stands for an access', () => {
    const evidences = Object.values(ACCESSES).map(({ evidence }: Access) => evidence);
    for (const [name, { code }] of [...bundles, ...inProcess]) {
      const opened = [...code.matchAll(/import\("(@google-cloud\/[\w-]+)"\)/g)].map(([, client]) => client!);
      for (const client of new Set(opened)) {
        const text = `import("${client}")`;
        // Buckets, queues and topics are told apart by their settings and calls.
        const known = ['/storage', '/tasks', '/pubsub'].some((one) => client.endsWith(one));
        expect(known || evidences.some((one) => one.test(text)), `${name}: ${client}`).toBe(true);
      }
    }
  });

  it.each(Object.entries(SECRETS))('%s is given to the functions that read it', (_, { env, readers }) => {
    // alert and remind open every channel; the key of redaction is used wherever a redactor is made.
    const field = USES[env] ?? /openChannels\(/;
    const users = FUNCTION_NAMES.filter((name) => field.test(bundles.get(name)!.code));
    expect([...readers].sort()).toEqual(users.sort());
  });
});

describe('a bundle', () => {
  it('loads no package of another function', () => {
    expect(Object.keys(bundles.get('sweep')!.packages)).not.toContain('@google-cloud/bigquery-storage');
    expect(Object.keys(bundles.get('parse')!.packages)).not.toContain('nodemailer');
    expect(Object.keys(bundles.get('alert')!.packages)).toContain('nodemailer');
  });

  it('names the exact versions that the project is tested with', () => {
    for (const { packages } of bundles.values()) {
      expect(packages['@google-cloud/functions-framework']).toBe('5.0.5');
      for (const version of Object.values(packages)) expect(version).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
    }
  });

  it('is installed by npm ci as it was tested, with all that its packages need', async () => {
    for (const name of ['parse', 'api'] as const) {
      const { folder: cwd, packages } = bundles.get(name)!;
      const args = ['ci', '--dry-run', '--offline', '--ignore-scripts', '--no-audit', '--no-fund'];
      const { stdout, stderr } = await promisify(execFile)('npm', args, { cwd });
      expect(`${stdout}${stderr}`).toMatch(/added \d+ packages/);
      const lock = await readLock(join(cwd, 'package-lock.json'));
      for (const [one, version] of Object.entries(packages))
        expect(lock[`node_modules/${one}`]?.version).toBe(version);
    }
    expect(() => lockOf({}, { dependencies: { none: '1.0.0' }, engines: {} })).toThrow(/has no none/);
  });

  it('has the same digest when nothing changed, wherever it is made', async () => {
    const again = await bundleFunction('sweep', join(folder, 'again'));
    expect(again.digest).toBe(bundles.get('sweep')!.digest);
    expect(bundles.get('close')!.digest).not.toBe(again.digest);
  });
});
