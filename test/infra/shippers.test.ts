import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';

const FOLDER = new URL('../../infra/fluentd/', import.meta.url);
const yaml = createRequire(import.meta.url)('js-yaml') as { load(text: string): unknown };
const textOf = (name: string): Promise<string> => readFile(new URL(name, FOLDER), 'utf8');

/** Fluentd's configurations: the file of machines, and those that the chart's values hold. */
async function fluentdConfigs(): Promise<[string, string][]> {
  const values = yaml.load(await textOf('kubernetes-values.yaml')) as { fileConfigs: Record<string, string> };
  return [
    ['vm.conf', await textOf('vm.conf')],
    ['kafka.conf', await textOf('kafka.conf')],
    ['kubernetes-values.yaml', Object.values(values.fileConfigs).join('\n')],
  ];
}

describe('the configurations of shippers', () => {
  it('of Fluentd close every section that they open, in order', async () => {
    for (const [name, text] of await fluentdConfigs()) {
      const open: string[] = [];
      for (const [, close, section] of text.matchAll(/^\s*<(\/?)(\w+)[^>]*>\s*$/gm)) {
        if (close === '') open.push(section!);
        else expect(open.pop(), `${name}: </${section}>`).toBe(section);
      }
      expect(open, name).toEqual([]);
    }
  });

  it('of Fluentd compress batches, keep what waits in files, never drop, and set aside what cannot be sent', async () => {
    for (const [name, text] of await fluentdConfigs()) {
      for (const line of [
        /@type gcloud_pubsub/,
        /compress_batches true/,
        /<buffer>\s+@type file/,
        /overflow_action block/,
        /retry_type exponential_backoff/,
        /<secondary>\s+@type secondary_file/,
      ])
        expect(text, name).toMatch(line);
      // Kafka's records are whole; lines of files may belong together.
      if (name !== 'kafka.conf') expect(text, name).toMatch(/@type concat/);
    }
  });

  it('of Fluentd reads Kafka as it comes, for as long as it takes, and leaves each record its own service', async () => {
    const text = await textOf('kafka.conf');
    for (const line of [/@type kafka_group/, /format text/, /disable_retry_limit true/, /tag \$\{tag_suffix/])
      expect(text).toMatch(line);
    expect(text).not.toMatch(/^\s*(retry_emit_limit|service) /m);
  });

  it('of Fluentd make batches that stay below the size of a message of Pub/Sub', async () => {
    for (const [name, text] of await fluentdConfigs())
      expect(Number(/chunk_limit_size (\d+)MB/.exec(text)?.[1]), name).toBeLessThan(10);
  });

  it('send every label to one that exists', async () => {
    for (const [name, text] of await fluentdConfigs()) {
      const labels = [...text.matchAll(/<label (@\w+)>/g)].map(([, label]) => label);
      for (const [, used] of text.matchAll(/(?:@label|timeout_label) (@\w+)/g))
        expect(labels, name).toContain(used);
    }
  });

  it('in YAML can be read', async () => {
    const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.yaml'));
    expect(names).toHaveLength(3);
    for (const name of names) expect(yaml.load(await textOf(name)), name).toBeTypeOf('object');
  });
});
