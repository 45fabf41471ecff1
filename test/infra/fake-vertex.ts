/** Vertex AI over REST as far as a deployment of models asks it: operations that take a while, and may fail. */
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

interface Model {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}
interface Deployed {
  readonly id: string;
  readonly model: string;
  readonly dedicatedResources: Readonly<Record<string, unknown>>;
}

export interface FakeVertex {
  readonly port: number;
  /** `upload`, `deploy`, … in the order in which they were asked for. */
  readonly asked: string[];
  readonly models: Map<string, Model>;
  readonly deployed: Map<string, Deployed>;
  traffic: Record<string, number>;
  /** The next request of this kind fails. */
  failNext: string | null;
  close(): Promise<void>;
}

// biome-ignore lint/suspicious/noExplicitAny: bodies of requests are data of any shape.
type Body = any;

class Refused extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export async function startFakeVertex(): Promise<FakeVertex> {
  let next = 1;
  const operations = new Map<string, { response: object; polls: number }>();
  const at: FakeVertex = {
    ...{ port: 0, asked: [], models: new Map(), deployed: new Map(), traffic: {}, failNext: null },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };

  /** Not done when it is first asked for. */
  function operation(parent: string, type: string, fields: object): object {
    const name = `${parent}/operations/${next++}`;
    const response = { '@type': `type.googleapis.com/google.cloud.aiplatform.v1.${type}`, ...fields };
    operations.set(name, { response, polls: 0 });
    return { name, done: false };
  }

  function act(kind: string, parent: string, path: string, body: Body): object {
    at.asked.push(kind);
    if (at.failNext === kind) {
      at.failNext = null;
      throw new Refused(400, `${kind} fails`);
    }
    switch (kind) {
      case 'upload': {
        const name = `${parent}/models/${next++}`;
        at.models.set(name, { name, labels: body.model.labels });
        return operation(parent, 'UploadModelResponse', { model: name });
      }
      case 'deploy': {
        const id = String(next++);
        at.deployed.set(id, { ...body.deployedModel, id });
        at.traffic = renamed(body.trafficSplit, id);
        return operation(parent, 'DeployModelResponse', { deployedModel: { ...body.deployedModel, id } });
      }
      case 'mutate': {
        const { id, dedicatedResources } = body.deployedModel;
        const was = at.deployed.get(id)!;
        const both = { ...was.dedicatedResources, ...dedicatedResources };
        at.deployed.set(id, { ...was, dedicatedResources: both });
        return operation(parent, 'MutateDeployedModelResponse', { deployedModel: { id, model: was.model } });
      }
      case 'undeploy':
        if (!at.deployed.delete(body.deployedModelId)) throw new Refused(404, 'not deployed');
        at.traffic = body.trafficSplit ?? {};
        return operation(parent, 'UndeployModelResponse', {});
      case 'delete':
        if (!at.models.delete(path)) throw new Refused(404, 'no such model');
        return { ...operation(parent, 'DeleteOperationMetadata', {}) };
      default:
        throw new Refused(404, `nothing answers ${kind}`);
    }
  }

  function answer(method: string, url: URL, body: Body): object {
    // Over REST the client asks for operations below /ui.
    const path = url.pathname.replace(/^\/(v1|ui)\//, '');
    const parent = /projects\/[^/]+\/locations\/[^/]+/.exec(path)![0];
    const waiting = operations.get(path);
    if (waiting !== undefined)
      return waiting.polls++ === 0
        ? { name: path, done: false }
        : { name: path, done: true, response: waiting.response };
    if (method === 'GET' && path.endsWith('/models')) {
      const version = /labels\.logweir-version="([^"]+)"/.exec(url.searchParams.get('filter') ?? '')?.[1];
      return {
        models: [...at.models.values()].filter(({ labels }) => labels['logweir-version'] === version),
      };
    }
    if (method === 'GET')
      return { name: path, deployedModels: [...at.deployed.values()], trafficSplit: at.traffic };
    const kind = method === 'DELETE' ? 'delete' : /:([a-z]+)/.exec(path)![1]!;
    return act(kind, parent, path, body);
  }

  const server = createServer(async (request: IncomingMessage, response) => {
    const body = await text(request);
    response.setHeader('content-type', 'application/json');
    try {
      const url = new URL(request.url!, 'http://127.0.0.1');
      response.end(JSON.stringify(answer(request.method!, url, body === '' ? {} : JSON.parse(body))));
    } catch (error) {
      const code = error instanceof Refused ? error.code : 500;
      const status = code === 404 ? 'NOT_FOUND' : 'INVALID_ARGUMENT';
      response.statusCode = code;
      response.end(JSON.stringify({ error: { code, status, message: (error as Error).message } }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  return Object.assign(at, { port: typeof bound === 'object' ? bound!.port : 0 });
}

const renamed = (split: Readonly<Record<string, number>>, id: string): Record<string, number> =>
  Object.fromEntries(Object.entries(split).map(([of, percent]) => [of === '0' ? id : of, percent]));
