/** A policy pack as Pulumi runs it: the SDK's own runner as a process, asked over gRPC. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import services from '@pulumi/pulumi/proto/analyzer_grpc_pb.js';
import type * as Proto from '@pulumi/pulumi/proto/analyzer_pb.js';
import pb from '@pulumi/pulumi/proto/analyzer_pb.js';
import type { Made } from '../stack.ts';
import { type Fields, toStruct } from '../wire.ts';

const PACK = fileURLToPath(new URL('../../../infra/policy/', import.meta.url));

export interface Analyzer {
  /** `rule: what is wrong`, of each resource and of all together. */
  violations(made: readonly Made[]): Promise<string[]>;
  /** Names of the rules. */
  rules(): Promise<string[]>;
  close(): void;
}

const urnOf = ({ type, name }: Made): string => `urn:pulumi:test::logweir::${type}::${name}`;
const optionsOf = ({ protect }: Made): Proto.AnalyzerResourceOptions => {
  const options = new pb.AnalyzerResourceOptions();
  options.setProtect(protect);
  return options;
};

type Call<Response> = (answer: (error: grpc.ServiceError | null, response: Response) => void) => unknown;
const called = <Response>(call: Call<Response>): Promise<Response> =>
  new Promise((resolve, reject) => {
    call((error, response) => (error === null ? resolve(response) : reject(new Error(error.details))));
  });
const saidBy = (response: Proto.AnalyzeResponse): string[] =>
  response.getDiagnosticsList().map((one) => `${one.getPolicyname()}: ${one.getMessage()}`);

export async function startAnalyzer(): Promise<Analyzer> {
  const program = createRequire(import.meta.url).resolve('@pulumi/pulumi/cmd/run-policy-pack/index.js');
  const child = spawn(process.execPath, [program, '127.0.0.1:1', '.'], {
    cwd: PACK,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      ...{ PULUMI_PROJECT: 'logweir', PULUMI_STACK: 'test', PULUMI_ORGANIZATION: 'organization' },
      PULUMI_NODEJS_TYPESCRIPT: 'false',
    },
  });
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (text) => resolve(String(text).trim()));
    child.once('exit', (code) => reject(new Error(`the policy pack ended with ${code}`)));
  });
  const client = new services.AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  return {
    async violations(made) {
      const all: string[] = [];
      const stack = new pb.AnalyzeStackRequest();
      for (const one of made) {
        const request = new pb.AnalyzeRequest();
        request.setUrn(urnOf(one));
        request.setType(one.type);
        request.setName(one.name);
        request.setProperties(toStruct(one.inputs as Fields));
        request.setOptions(optionsOf(one));
        all.push(...saidBy(await called<Proto.AnalyzeResponse>((answer) => client.analyze(request, answer))));
        const resource = new pb.AnalyzerResource();
        resource.setUrn(urnOf(one));
        resource.setType(one.type);
        resource.setName(one.name);
        resource.setProperties(toStruct(one.inputs as Fields));
        resource.setOptions(optionsOf(one));
        stack.addResources(resource);
      }
      all.push(
        ...saidBy(await called<Proto.AnalyzeResponse>((answer) => client.analyzeStack(stack, answer))),
      );
      return all;
    },
    async rules() {
      const { default: empty } = await import('google-protobuf/google/protobuf/empty_pb.js');
      const info = await called<Proto.AnalyzerInfo>((answer) =>
        client.getAnalyzerInfo(new empty.Empty(), answer),
      );
      return info.getPoliciesList().map((policy) => policy.getName());
    },
    close() {
      client.close();
      child.kill();
    },
  };
}
