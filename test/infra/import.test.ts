/** What a topic imports: each source as the provider declares it, who trusts whom, and that records are read as logs. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSettings } from '../../infra/config.ts';
import { problemsOf } from './checks.ts';
import { refusals } from './declarations.ts';
import { DEV, type Inputs, makeStack } from './stack.ts';

const yaml = createRequire(import.meta.url)('js-yaml') as { load(text: string): unknown };
const text = await readFile(new URL('../../infra/examples/import.yaml', import.meta.url), 'utf8');
/** The example of each source, as it may be put into a stack's settings. */
const EXAMPLES = Object.values(yaml.load(text) as Record<string, { importFrom: Record<string, string> }>).map(
  ({ importFrom }) => importFrom,
);
const exampleOf = (source: string): Record<string, string> => EXAMPLES.find((one) => one.source === source)!;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'logweir-infra-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a topic that imports', () => {
  it('has an example of all that Pub/Sub reads', () => {
    expect(EXAMPLES.map(({ source }) => source).sort()).toEqual(
      ['awsKinesis', 'awsMsk', 'azureEventHubs', 'cloudStorage', 'confluentCloud'].sort(),
    );
  });

  it.each(EXAMPLES)('from $source has what the provider wants, and the rights for it', async (importFrom) => {
    const { source, ...rest } = importFrom;
    const { made, of, outputs } = await makeStack({ ...DEV, importFrom }, folder);
    expect([...problemsOf(made), ...refusals(made)]).toEqual([]);
    const [topic] = of('pubsub/topic:Topic').filter(({ name }) => name === 'logweir-logs') as Inputs[];
    expect(topic.inputs.ingestionDataSourceSettings[source!]).toMatchObject(rest);
    const email = 'logweir-import@my-project.iam.gserviceaccount.com';
    if (source === 'cloudStorage') {
      expect(outputs.importIdentity).toBeNull();
    } else {
      expect(topic.inputs.ingestionDataSourceSettings[source!].gcpServiceAccount).toBe(email);
      // The other side trusts the number, not the address.
      expect(outputs.importIdentity).toEqual({ email, uniqueId: expect.stringMatching(/^\d{21}$/) });
    }
  });

  it.each([
    ['awsMsk', { clusterArn: 'my-cluster' }, /importFrom\.clusterArn: "my-cluster" .*arn:aws:kafka/],
    ['awsMsk', { awsRoleArn: 'arn:aws:iam::1:role/x' }, /importFrom\.awsRoleArn: .*ACCOUNT:role/],
    ['awsMsk', { topic: 'a topic' }, /importFrom\.topic: "a topic" .*Kafka topic/],
    ['azureEventHubs', { tenantId: 'contoso.com' }, /importFrom\.tenantId: "contoso.com" .*an id such as/],
    ['azureEventHubs', { clientId: undefined }, /importFrom\.clientId: is not set/],
    ['awsKinesis', { consumerArn: 'arn:aws:kinesis:eu-west-1:111122223333:stream/logs' }, /consumer\/NAME/],
    ['confluentCloud', { bootstrapServer: 'pkc.example.com' }, /importFrom\.bootstrapServer: .*host:port/],
    ['confluentCloud', { awsRoleArn: 'x' }, /importFrom: awsRoleArn is no setting/],
    ['cloudStorage', { bucket: 'gs://logs' }, /importFrom\.bucket: "gs:\/\/logs" .*without gs/],
    ['cloudStorage', { bucket: 'my-project-logweir-archive' }, /it would read what it writes/],
  ])('from %s refuses %j, with what is allowed', (source, wrong, message) => {
    expect(() => readSettings({ ...DEV, importFrom: { ...exampleOf(source), ...wrong } })).toThrow(message);
  });

  it('refuses a source that Pub/Sub cannot read, and names those it can', () => {
    expect(() => readSettings({ ...DEV, importFrom: { source: 'kafka' } })).toThrow(
      /importFrom\.source: .*confluentCloud.*awsMsk.*azureEventHubs/,
    );
  });
});
