/**
 * Runs a Pulumi program by the SDK's own runner, as the language host does, and answers it: the services of the resource
 * monitor and of the engine, over gRPC.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import grpc from '@grpc/grpc-js';
import engineServices from '@pulumi/pulumi/proto/engine_grpc_pb.js';
import type * as EngineProto from '@pulumi/pulumi/proto/engine_pb.js';
import enginePb from '@pulumi/pulumi/proto/engine_pb.js';
import providerPb from '@pulumi/pulumi/proto/provider_pb.js';
import services from '@pulumi/pulumi/proto/resource_grpc_pb.js';
import type * as Proto from '@pulumi/pulumi/proto/resource_pb.js';
import pb from '@pulumi/pulumi/proto/resource_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import { type Fields, fromStruct, toStruct } from '../wire.ts';
import type { Entry, StackOptions } from './engine.ts';

const load = createRequire(import.meta.url);
const PLAIN_STACKS = load.resolve('./plain-stacks.cjs');
const RUNNER = load.resolve('@pulumi/pulumi/cmd/run/index.js');
const yaml = load('js-yaml') as { load(text: string): unknown };
/** What the SDK asks for by name and this engine does. */
const FEATURES = ['secrets', 'resourceReferences', 'deletedWith', 'aliasSpecs'];

/** Who answers the program. */
export interface Monitor {
  engine: string;
  register(request: Proto.RegisterResourceRequest): Promise<Entry>;
  registerOutputs(urn: string, outputs: Fields): void;
  invoke(token: string, args: Fields): Promise<Fields>;
}

type Answer<Request, Response> = (request: Request) => Response | Promise<Response>;
const unary =
  <Request, Response>(handle: Answer<Request, Response>): grpc.handleUnaryCall<Request, Response> =>
  ({ request }, answer) => {
    Promise.resolve()
      .then(() => handle(request))
      .then(
        (response) => answer(null, response),
        (error: Error) => answer({ code: grpc.status.INVALID_ARGUMENT, details: error.message }),
      );
  };

/** Resolves to what the program complained of; none: it went through. */
export async function runProgram(
  options: StackOptions,
  monitor: Monitor,
  preview: boolean,
): Promise<string[]> {
  const complaints: string[] = [];
  const failed = new AbortController();
  const server = new grpc.Server({ 'grpc.max_receive_message_length': 2 ** 28 });
  server.addService(
    services.ResourceMonitorService as unknown as grpc.ServiceDefinition,
    monitorOf(monitor, failed),
  );
  server.addService(engineServices.EngineService as unknown as grpc.ServiceDefinition, engineOf(complaints));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  monitor.engine = `127.0.0.1:${port}`;
  try {
    const { code, stderr } = await started(options, {
      engine: monitor.engine,
      preview,
      signal: failed.signal,
    });
    if (code !== 0 && complaints.length === 0) complaints.push(`the program ended with ${code}: ${stderr}`);
  } finally {
    server.forceShutdown();
  }
  return complaints;
}

async function started(
  { program, project, stack, config, secretKeys, env }: StackOptions,
  run: { readonly engine: string; readonly preview: boolean; readonly signal: AbortSignal },
): Promise<{ code: number | null; stderr: string }> {
  const { main, runtime } = yaml.load(readFileSync(join(program, 'Pulumi.yaml'), 'utf8')) as {
    readonly main: string;
    readonly runtime: { readonly options: { readonly nodeargs: string; readonly typescript: boolean } };
  };
  const child = spawn(
    process.execPath,
    [
      ...[
        '--require',
        PLAIN_STACKS,
        runtime.options.nodeargs,
        RUNNER,
        `--monitor=${run.engine}`,
        `--engine=${run.engine}`,
      ],
      ...[`--project=${project}`, `--stack=${stack}`, '--organization=organization'],
      ...[`--root-directory=${program}`, `--pwd=${program}`, '--parallel=16'],
      ...(run.preview ? ['--dry-run'] : []),
      main,
    ],
    {
      cwd: program,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        ...process.env,
        ...env,
        PULUMI_NODEJS_TYPESCRIPT: String(runtime.options.typescript),
        PULUMI_CONFIG: JSON.stringify(config),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(secretKeys),
      },
    },
  );
  // What has failed, the SDK would print with all that hangs on it, which takes minutes.
  run.signal.addEventListener('abort', () => child.kill());
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { stderr: await text(child.stderr), code: await ended };
}

const monitorOf = (monitor: Monitor, failed: AbortController): grpc.UntypedServiceImplementation => ({
  supportsFeature: unary((request: Proto.SupportsFeatureRequest) => {
    const response = new pb.SupportsFeatureResponse();
    response.setHassupport(FEATURES.includes(request.getId()));
    return response;
  }),
  registerResource: unary(async (request: Proto.RegisterResourceRequest) => {
    const { urn, id, outputs } = await monitor.register(request).catch((error) => {
      failed.abort();
      throw error;
    });
    const response = new pb.RegisterResourceResponse();
    response.setUrn(urn);
    response.setId(id);
    response.setObject(toStruct(outputs));
    return response;
  }),
  registerResourceOutputs: unary((request: Proto.RegisterResourceOutputsRequest) => {
    monitor.registerOutputs(request.getUrn(), fromStruct(request.getOutputs()));
    return new empty.Empty();
  }),
  invoke: unary(async (request: Proto.ResourceInvokeRequest) => {
    const response = new providerPb.InvokeResponse();
    response.setReturn(toStruct(await monitor.invoke(request.getTok(), fromStruct(request.getArgs()))));
    return response;
  }),
  signalAndWaitForShutdown: unary(() => new empty.Empty()),
});

function engineOf(complaints: string[]): grpc.UntypedServiceImplementation {
  let root = '';
  return {
    log: unary((request: EngineProto.LogRequest) => {
      if (request.getSeverity() === enginePb.LogSeverity.ERROR) complaints.push(request.getMessage());
      return new empty.Empty();
    }),
    setRootResource: unary((request: EngineProto.SetRootResourceRequest) => {
      root = request.getUrn();
      return new enginePb.SetRootResourceResponse();
    }),
    getRootResource: unary(() => {
      const response = new enginePb.GetRootResourceResponse();
      response.setUrn(root);
      return response;
    }),
    requirePulumiVersion: unary(() => new enginePb.RequirePulumiVersionResponse()),
  };
}
