/** Everything that retraining asks of Vertex AI, held against what Vertex AI declares. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openVertex, type Vertex } from '../../../functions/detect/vertex.ts';
import { refusalsOf, type VertexRequest } from './declared-vertex.ts';

let server: Server;
let vertex: Vertex;
const asked: VertexRequest[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    const { method = '', url = '' } = request;
    const answer = (body?: unknown): void => {
      asked.push({ method, path: url, ...(body === undefined ? {} : { body }) });
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({ name: 'projects/p/locations/l/operations/1', state: 'JOB_STATE_RUNNING' }),
      );
    };
    if (method === 'GET') answer();
    else void json(request).then(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  vertex = openVertex({
    parent: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/projects/p/locations/europe-west1`,
    endpoint: '1000000000',
    authorization: () => Promise.resolve('Bearer token'),
  });
});
afterAll(() => new Promise<void>((resolve) => void server.close(() => resolve())));
beforeEach(() => {
  asked.length = 0;
});

const JOB = {
  displayName: 'logweir-20261121',
  image: 'europe-west1-docker.pkg.dev/p/logweir-images/training:1',
  args: ['--time', '2026-11-21T10:00:00.000Z', '--seed', '2026', '--serving', 'v1'],
  outputUri: 'gs://p-logweir-models/models/v2',
  serviceAccount: 'logweir-training@p.iam.gserviceaccount.com',
};
// biome-ignore lint/suspicious/noExplicitAny: a body is spoilt on purpose.
type Body = any;

async function jobRequest(): Promise<{ method: string; path: string; body: Body }> {
  await vertex.startJob(JOB);
  return structuredClone(asked[0]) as { method: string; path: string; body: Body };
}

describe('what is asked of Vertex AI', () => {
  it.each([
    ['startJob', () => vertex.startJob(JOB)],
    ['startJob without an account', () => vertex.startJob({ ...JOB, serviceAccount: null })],
    ['jobState', () => vertex.jobState('projects/p/locations/europe-west1/customJobs/7')],
    ['uploadModel', () => vertex.uploadModel('logweir', 'gs://p/models/v2/model', 'serving:1')],
    ['deploy', () => vertex.deploy('projects/p/locations/l/models/3', 'v2', { percent: 10, main: '77' })],
    ['setTraffic', () => vertex.setTraffic({ 77: 90, 78: 10 })],
    ['undeploy', () => vertex.undeploy('77')],
    ['endpoint', () => vertex.endpoint()],
  ])('%s is a call that it declares, with the fields that it declares', async (_, call) => {
    await call();
    expect(asked).toHaveLength(1);
    expect(asked.flatMap(refusalsOf)).toEqual([]);
  });

  it('a training runs once, on a spot machine, as its own account, for three hours at most', async () => {
    const { body } = await jobRequest();
    expect(body.jobSpec).toMatchObject({
      scheduling: { strategy: 'SPOT', timeout: '10800s' },
      serviceAccount: JOB.serviceAccount,
      baseOutputDirectory: { outputUriPrefix: JOB.outputUri },
      workerPoolSpecs: [
        {
          replicaCount: 1,
          machineSpec: { machineType: expect.stringMatching(/^[a-z]\d[a-z]?-[a-z]+-\d+$/) },
          containerSpec: { imageUri: JOB.image, args: JOB.args },
        },
      ],
    });
  });

  it.each<[string, (body: Body) => void, RegExp]>([
    ['a strategy that there is not', (b) => (b.jobSpec.scheduling.strategy = 'SPOTS'), /"SPOTS"; .*SPOT/],
    ['a time that is none', (b) => (b.jobSpec.scheduling.timeout = '3h'), /timeout: "3h" should be .*Dur/],
    ['a field elsewhere', (b) => (b.scheduling = b.jobSpec.scheduling), /CustomJob: no field scheduling/],
    ['a misspelt field', (b) => (b.jobSpec.serviceaccount = 'x'), /no field serviceaccount/],
    ['no image', (b) => delete b.jobSpec.workerPoolSpecs[0].containerSpec.imageUri, /imageUri is required/],
    ['no name', (b) => delete b.displayName, /displayName is required/],
    ['one pool in place of a list', (b) => (b.jobSpec.workerPoolSpecs = {}), /workerPoolSpecs: no list/],
    ['a number as text', (b) => (b.jobSpec.workerPoolSpecs[0].containerSpec.args = [1]), /should be string/],
    ['what Google says', (b) => (b.state = 'JOB_STATE_QUEUED'), /state is Google's to say/],
  ])('%s in a training would be noticed here', async (_, spoil, refusal) => {
    const request = await jobRequest();
    spoil(request.body);
    expect(refusalsOf(request).join('\n')).toMatch(refusal);
  });

  it('a path, a query and a verb that there are not would be noticed here', async () => {
    const { body } = await jobRequest();
    const parent = '/v1/projects/p/locations/europe-west1';
    const traffic = { trafficSplit: { 1: 100 } };
    const refused = [
      { method: 'POST', path: `${parent}/customJob`, body },
      { method: 'PUT', path: `${parent}/customJobs`, body },
      { method: 'PATCH', path: `${parent}/endpoints/1?updateMask=traffic`, body: traffic },
      { method: 'PATCH', path: `${parent}/endpoints/1?mask=trafficSplit`, body: traffic },
    ];
    for (const request of refused) expect(refusalsOf(request), request.path).not.toEqual([]);
  });
});
