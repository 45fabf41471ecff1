/** Every name in the README of a deployment is one that there is: outputs, settings, files, commands, alerts. */
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SETTINGS } from '../../functions/config.ts';
import { readSettings, SECRETS } from '../../infra/config.ts';
import { readOptions } from '../../local/generator/options.ts';
import { DEV, makeStack, PROD, PROD_SECRETS, type Stack } from './stack.ts';

const yaml = createRequire(import.meta.url)('js-yaml') as { load(text: string): unknown };
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const readme = await readFile(join(ROOT, 'infra/README.md'), 'utf8');
const index = await readFile(join(ROOT, 'infra/index.ts'), 'utf8');
const exported = [.../export const \{([^}]+)\}/.exec(index)![1]!.matchAll(/\w+/g)].map(([name]) => name);
const found = (pattern: RegExp, text = readme): string[] => [
  ...new Set([...text.matchAll(pattern)].map(([, name]) => name!)),
];

let folder: string;
let prod: Stack;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'logweir-infra-'));
  prod = await makeStack(PROD, folder, PROD_SECRETS);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('outputs of a stack', () => {
  it('that the README asks for are there', () => {
    const asked = found(/pulumi stack output (\w+)/g);
    expect(asked.length).toBeGreaterThan(3);
    for (const name of asked) expect(exported, name).toContain(name);
  });

  it('are all exported, and all stand in its table', () => {
    expect([...exported].sort()).toEqual(Object.keys(prod.outputs).sort());
    const table = /\| output \| what it is \|\n([\s\S]+?)\n\n/.exec(readme)![1]!;
    const named = table.split('\n').flatMap((row) => found(/`(\w+)`/g, row.split('|')[1]!));
    expect(named.sort()).toEqual([...exported].sort());
  });
});

describe('settings', () => {
  it('of a stack that the README names are settings, and all are in it or in an example', async () => {
    const keys = /allowed: (.+)$/m.exec(errorOf({ ...DEV, nothing: 1 }))![1]!.split(', ');
    const examples = await Promise.all(
      ['Pulumi.dev.yaml', 'Pulumi.prod.yaml'].map((name) =>
        readFile(join(ROOT, 'infra/examples', name), 'utf8'),
      ),
    );
    const text = readme + examples.join('\n');
    for (const key of keys) expect(text, key).toMatch(new RegExp(`\\b${key}\\b`));
    const needs = /\| setting \| you need \|\n([\s\S]+?)\n\n/.exec(readme)![1]!;
    for (const key of found(/^\| `(\w+)/gm, needs)) if (key !== 'api') expect(keys, key).toContain(key);
  });

  it('that are secret are all named, and no others', () => {
    const list = /only those that are set are made: `([^`]+)`/.exec(readme)![1]!;
    expect(list.split(/\s+/).sort()).toEqual(Object.keys(SECRETS).sort());
  });

  it('of the functions and of shippers that it names exist', async () => {
    const fluentd = await readFile(join(ROOT, 'infra/fluentd/vm.conf'), 'utf8');
    const known = [...Object.values(SETTINGS).map(({ env }) => env), ...found(/ENV\['(\w+)'\]/g, fluentd)];
    for (const name of found(/\b(LOGWEIR_[A-Z_]+[A-Z])\b/g)) expect(known, name).toContain(name);
  });
});

const errorOf = (settings: object): string => {
  try {
    readSettings(settings);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('what the README shows', () => {
  it('are settings that a stack takes', () => {
    const api = /`(api: \{ access: iap, domain: [^`]+\})`/.exec(readme)![1]!;
    expect(readSettings({ ...DEV, ...(yaml.load(api) as object) }).api.access).toBe('iap');
    const serving = /serving: (\{ image: [^}]+\})/
      .exec(readme)![1]!
      .replace('…', 'europe-west1-docker.pkg.dev/p/r');
    const settings = { ...DEV, models: true, serving: yaml.load(serving) };
    expect(readSettings(settings).serving?.maxReplicas).toBe(2);
  });

  it('is a demo that the generator takes, into the dev stack of the example', async () => {
    const [, text] = /local\/generator\/main\.ts '([^']+)'/.exec(readme)!;
    const { endpoints } = readOptions(text!);
    const dev = await readFile(join(ROOT, 'infra/examples/Pulumi.dev.yaml'), 'utf8');
    const { config } = yaml.load(dev) as { config: Record<string, { prefix: string; project: string }> };
    const { prefix, project } = config['logweir:settings']!;
    expect(endpoints).toMatchObject({ projectId: project, topic: `${prefix}-logs` });
  });
});

describe('what else the README names', () => {
  it('are files that there are', async () => {
    // What lies in buckets, and the files of a stack, are not here.
    const paths = found(/`((?:[\w.-]+\/)*[\w.-]+\.(?:ts|md|conf|yaml|json|ya?ml)|[\w./-]+\/)`/g).filter(
      (path) => !/^raw\/|^models\/serving\.json$|^Pulumi\.(dev|prod)\.yaml$/.test(path),
    );
    expect(paths.length).toBeGreaterThan(30);
    const isThere = async (path: string): Promise<boolean> => {
      const places = ['', 'infra', 'infra/fluentd'].map((base) => join(ROOT, base, path));
      return (
        await Promise.all(
          places.map((at) =>
            access(at).then(
              () => true,
              () => false,
            ),
          ),
        )
      ).includes(true);
    };
    const missing = await Promise.all(paths.map(async (path) => ((await isThere(path)) ? [] : [path])));
    expect(missing.flat()).toEqual([]);
  });

  it('are commands and options that there are', async () => {
    const lines = readme.replaceAll('\\\n', ' ').match(/npx logweir [^`\n]+/g)!;
    expect(lines.length).toBeGreaterThan(5);
    const helps = new Map<string, string>();
    for (const line of lines) {
      const [, name] = /npx logweir (\w+)/.exec(line)!;
      if (!helps.has(name!)) helps.set(name!, await helpOf(name!));
      for (const option of found(/ (--[\w-]+)/g, line)) expect(helps.get(name!), line).toContain(option);
    }
  });

  it('are the alerts of the pipeline, each with what to look at', () => {
    const table = readme.slice(readme.indexOf('## Troubleshooting'));
    const policies = prod
      .of('monitoring/alertPolicy:AlertPolicy')
      .map(({ name }) => name.slice('logweir-'.length));
    for (const name of policies) expect(table, name).toMatch(new RegExp(`^\\| \\*\\*${name}\\*\\*`, 'm'));
  });
});

/** Help of a command, by its own module, as local/command.ts loads it. */
async function helpOf(name: string): Promise<string> {
  const list = await readFile(join(ROOT, 'local/command.ts'), 'utf8');
  const entry = new RegExp(`name: '${name}',[\\s\\S]+?import\\('([^']+)'\\)\\)\\.(\\w+)\\(`).exec(list);
  if (entry === null) throw new Error(`there is no command ${name}`);
  const module = (await import(join(ROOT, 'local', entry[1]!))) as Record<string, () => Command>;
  return module[entry[2]!]!().helpInformation();
}
