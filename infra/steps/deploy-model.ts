/**
 * One action on a set of models at Vertex AI (model-deployment.ts). Reads it as JSON from standard input and writes what
 * is deployed then to standard output; model-step.ts starts it as a process of its own, because the client takes 111 MB
 * that no other part of a deployment needs. Credentials are those of who deploys. Safe to run again.
 */
import { text } from 'node:stream/consumers';
import { v1 } from '@google-cloud/aiplatform';
import { GoogleAuth, PassThroughClient } from 'google-auth-library';
import { z } from 'zod';
import { deleteModel, deployModel, readModel, updateModel, type VertexClients } from './model-deployment.ts';

const wanted = z.object({
  project: z.string(),
  region: z.string(),
  endpoint: z.string(),
  version: z.string(),
  image: z.string(),
  artifactUri: z.string(),
  machineType: z.string(),
  minReplicas: z.number(),
  maxReplicas: z.number(),
  trafficPercent: z.number(),
  kmsKey: z.string().nullable(),
  /** Another Vertex AI than Google's, host:port; empty: Google's. */
  api: z.string(),
});
const was = wanted.extend({ model: z.string(), deployedId: z.string() });
const action = z.discriminatedUnion('do', [
  z.object({ do: z.literal('create'), wanted }),
  z.object({ do: z.literal('update'), was, wanted }),
  z.object({ do: z.literal('read'), was }),
  z.object({ do: z.literal('delete'), was }),
]);

function clientsOf({ api, region }: z.infer<typeof wanted>): VertexClients {
  const [host, port] = api.split(':');
  const options =
    api === ''
      ? { apiEndpoint: `${region}-aiplatform.googleapis.com` }
      : {
          ...{ apiEndpoint: host!, port: Number(port), protocol: 'http', fallback: true as const },
          auth: new GoogleAuth({ authClient: new PassThroughClient() }),
        };
  return {
    models: new v1.ModelServiceClient(options as never),
    endpoints: new v1.EndpointServiceClient(options as never),
  };
}

async function act(asked: z.infer<typeof action>): Promise<unknown> {
  const clients = clientsOf(asked.do === 'create' || asked.do === 'update' ? asked.wanted : asked.was);
  switch (asked.do) {
    case 'create':
      return deployModel(clients, asked.wanted);
    case 'update':
      return updateModel(clients, asked.was, asked.wanted);
    case 'read':
      return readModel(clients, asked.was);
    case 'delete':
      return deleteModel(clients, asked.was).then(() => null);
  }
}

process.stdout.write(JSON.stringify(await act(action.parse(JSON.parse(await text(process.stdin))))));
