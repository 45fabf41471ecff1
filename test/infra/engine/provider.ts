/** A provider of resources as the engine calls it: Pulumi's own protocol over gRPC. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import grpc from '@grpc/grpc-js';
import type { ResourceProviderClient } from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import services from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import pb from '@pulumi/pulumi/proto/provider_pb.js';
import { type Fields, fromStruct, toStruct } from '../wire.ts';

export interface Which {
  readonly urn: string;
  readonly id: string;
}

export interface Provider {
  /** Inputs as the provider wants them. Throws an Error with all that it refuses. */
  check(urn: string, olds: Fields, news: Fields): Promise<Fields>;
  diff(
    which: Which,
    olds: { readonly inputs: Fields; readonly outputs: Fields },
    news: Fields,
    ignored: readonly string[],
  ): Promise<'same' | 'update' | 'replace'>;
  create(urn: string, inputs: Fields, preview: boolean): Promise<{ id: string; outputs: Fields }>;
  update(which: Which, outputs: Fields, news: Fields, preview: boolean): Promise<Fields>;
  delete(which: Which, outputs: Fields): Promise<void>;
  invoke(token: string, args: Fields): Promise<Fields>;
  close(): void;
}

type Call<Response> = (answer: (error: grpc.ServiceError | null, response: Response) => void) => unknown;
const called = <Response>(call: Call<Response>): Promise<Response> =>
  new Promise((resolve, reject) => {
    call((error, response) => (error === null ? resolve(response) : reject(new Error(error.details))));
  });

/** What all requests about one resource carry. */
function about<Request extends { setUrn(urn: string): void; setName(name: string): void }>(
  request: Request,
  urn: string,
): Request {
  request.setUrn(urn);
  request.setName(urn.split('::')[3]!);
  return request;
}

export function providerAt(address: string): Provider {
  const client: ResourceProviderClient = new services.ResourceProviderClient(
    address,
    grpc.credentials.createInsecure(),
    { 'grpc.max_receive_message_length': 2 ** 28 },
  );
  return {
    async check(urn, olds, news) {
      const request = about(new pb.CheckRequest(), urn);
      request.setOlds(toStruct(olds));
      request.setNews(toStruct(news));
      const response = await called<pb.CheckResponse>((answer) => client.check(request, answer));
      const reasons = response.getFailuresList().map((failure) => failure.getReason());
      if (reasons.length > 0) throw new Error(reasons.join('; '));
      return fromStruct(response.getInputs());
    },
    async diff({ urn, id }, olds, news, ignored) {
      const request = about(new pb.DiffRequest(), urn);
      request.setId(id);
      request.setOlds(toStruct(olds.outputs));
      request.setOldInputs(toStruct(olds.inputs));
      request.setNews(toStruct(news));
      request.setIgnorechangesList([...ignored]);
      const response = await called<pb.DiffResponse>((answer) => client.diff(request, answer));
      if (response.getReplacesList().length > 0) return 'replace';
      return response.getChanges() === pb.DiffResponse.DiffChanges.DIFF_SOME ? 'update' : 'same';
    },
    async create(urn, inputs, preview) {
      const request = about(new pb.CreateRequest(), urn);
      request.setProperties(toStruct(inputs));
      request.setPreview(preview);
      const response = await called<pb.CreateResponse>((answer) => client.create(request, answer));
      return { id: response.getId(), outputs: fromStruct(response.getProperties()) };
    },
    async update({ urn, id }, outputs, news, preview) {
      const request = about(new pb.UpdateRequest(), urn);
      request.setId(id);
      request.setOlds(toStruct(outputs));
      request.setNews(toStruct(news));
      request.setPreview(preview);
      const response = await called<pb.UpdateResponse>((answer) => client.update(request, answer));
      return fromStruct(response.getProperties());
    },
    async delete({ urn, id }, outputs) {
      const request = about(new pb.DeleteRequest(), urn);
      request.setId(id);
      request.setProperties(toStruct(outputs));
      await called((answer) => client.delete(request, answer));
    },
    async invoke(token, args) {
      const request = new pb.InvokeRequest();
      request.setTok(token);
      request.setArgs(toStruct(args));
      const response = await called<pb.InvokeResponse>((answer) => client.invoke(request, answer));
      return fromStruct(response.getReturn());
    },
    close: () => client.close(),
  };
}

/** The SDK's own provider of dynamic resources, as a process: it runs the text that the program made of them. */
export async function startDynamicProvider(
  engine: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<Provider> {
  const program = createRequire(import.meta.url).resolve('@pulumi/pulumi/cmd/dynamic-provider/index.js');
  const child: ChildProcess = spawn(process.execPath, [program, engine], {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout?.once('data', (text) => resolve(String(text).trim()));
    child.once('exit', (code) => reject(new Error(`the dynamic provider ended with ${code}`)));
  });
  const provider = providerAt(`127.0.0.1:${port}`);
  return {
    ...provider,
    // It makes nothing in a preview; the engine does not ask it.
    create: (urn, inputs, preview) =>
      preview ? Promise.resolve({ id: '', outputs: inputs }) : provider.create(urn, inputs, preview),
    update: (which, outputs, news, preview) =>
      preview ? Promise.resolve(news) : provider.update(which, outputs, news, preview),
    close() {
      provider.close();
      child.kill();
    },
  };
}
