/**
 * A resource provider without a cloud, over gRPC as the real one. It takes what the real provider declares that it takes,
 * and refuses what makes real first deployments and real destructions fail: a resource whose API is not enabled yet, a
 * grant to an account that is not there yet, a name given twice, and the removal of what something else still names. It
 * is stricter than Google in the last, and knows nothing of quotas, of regions, or of what Google takes a minute to learn.
 */
import grpc from '@grpc/grpc-js';
import services from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import type * as Proto from '@pulumi/pulumi/proto/provider_pb.js';
import pb from '@pulumi/pulumi/proto/provider_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import { refusals } from '../declarations.ts';
import { answered, apiOf, filledIn, type Inputs, PROJECT } from '../google.ts';
import type { Made } from '../stack.ts';
import { type Fields, fromStruct, isArchive, mapValues, textsOf, toStruct, UNKNOWN } from '../wire.ts';

/** Fields that cannot be changed in place; Google's own list is in the provider's binary alone. */
const FIXED = ['name', 'project', 'location', 'region', 'topic', 'bucket', 'member', 'role', 'accountId'];
/** By hand before the first deployment (infra/README.md). */
const ENABLED_BEFORE = ['cloudresourcemanager', 'serviceusage'];

export interface Kept {
  readonly type: string;
  readonly id: string;
  readonly inputs: Fields;
}

export class FakeGoogle {
  readonly kept = new Map<string, Kept>();
  /** `+ Topic logweir-logs`, `~ …`, `- …`, in the order in which it happened. */
  readonly history: string[] = [];
  /** Accounts that others made. */
  readonly #known: Set<string>;
  readonly #enabled = new Set(ENABLED_BEFORE);
  /** Set it to fail what it says something about. */
  fail: (type: string, name: string) => string | null = () => null;

  constructor(known: readonly string[] = []) {
    this.#known = new Set(known);
  }

  create(type: string, name: string, inputs: Inputs): { id: string; outputs: Fields } {
    const failure = this.fail(type, name) ?? this.#problemOf(type, name, inputs);
    if (failure !== null) throw new Error(failure);
    const outputs: Inputs = filledIn(type, name, inputs);
    const id = idOf(type, name, outputs);
    if (this.kept.has(`${type} ${id}`)) throw new Error(`409: ${id} exists already`);
    if (type === 'gcp:projects/service:Service') this.#enabled.add(inputs.service.split('.')[0]);
    for (const account of [outputs.email, outputs.cloudResource?.serviceAccountId])
      if (typeof account === 'string') this.#known.add(account);
    this.kept.set(`${type} ${id}`, { type, id, inputs });
    this.#note('+', type, name);
    return { id, outputs };
  }

  update(type: string, name: string, id: string, inputs: Fields): Fields {
    this.#mustBeThere(type, id);
    this.kept.set(`${type} ${id}`, { type, id, inputs });
    this.#note('~', type, name);
    return filledIn(type, name, inputs);
  }

  delete(type: string, name: string, id: string): void {
    this.#mustBeThere(type, id);
    const users = [...this.kept.values()].filter(({ inputs }) => textsOf(inputs).includes(id));
    const user = users.find((one) => one.type !== type || one.id !== id);
    if (user !== undefined) throw new Error(`400: ${user.type} ${user.id} still uses ${id}`);
    this.kept.delete(`${type} ${id}`);
    this.#note('-', type, name);
  }

  #note(what: string, type: string, name: string): void {
    this.history.push(`${what} ${type.split(':').at(-1)} ${name}`);
  }

  #mustBeThere(type: string, id: string): void {
    if (!this.kept.has(`${type} ${id}`)) throw new Error(`404: no ${type} ${id}`);
  }

  #problemOf(type: string, name: string, inputs: Fields): string | null {
    const api = apiOf(type)!;
    if (!this.#enabled.has(api)) return `403: ${api} has not been used in project ${PROJECT} (${name})`;
    const texts = textsOf(inputs);
    if (texts.includes(UNKNOWN)) return `${name}: a value is not known`;
    const accounts = texts.flatMap((text) => /^(?:serviceAccount:)?([\w.-]+@[\w.-]+)$/.exec(text)?.[1] ?? []);
    const stranger = accounts.find((one) => one.endsWith('.gserviceaccount.com') && !this.#known.has(one));
    return stranger === undefined ? null : `400: service account ${stranger} does not exist (${name})`;
  }

  answer(token: string, args: Fields): Fields {
    const answer = answered(token, args);
    for (const text of textsOf(answer)) if (text.includes('@')) this.#known.add(text);
    return answer;
  }
}

/** As Google names things; where two things could share it, with all of what was asked for. */
function idOf(type: string, name: string, { project, name: own, ...rest }: Inputs): string {
  const kind = type.split(':').at(-1)!;
  if (kind === 'Bucket') return own;
  if (/I[Aa][Mm]Member$|Config$|Object$|Version$|Field$|Metric$/.test(kind)) return `${kind}/${name}`;
  const ids = [rest.accountId, rest.datasetId, rest.connectionId, rest.repositoryId, rest.secretId];
  const named = ids.find((one) => one !== undefined) ?? rest.service ?? own;
  return `projects/${project ?? PROJECT}/${kind[0]!.toLowerCase()}${kind.slice(1)}s/${named}`;
}

const typeOf = (urn: string): string => urn.split('::')[2]!.split('$').at(-1)!;
const nameOf = (urn: string): string => urn.split('::')[3]!;
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What changed between two sets of inputs. */
const changesOf = (olds: Fields, news: Fields): string[] =>
  [...new Set([...Object.keys(olds), ...Object.keys(news)])].filter((key) => !same(olds[key], news[key]));

type Handler<Request, Response> = (request: Request) => Response;
const unary =
  <Request, Response>(handle: Handler<Request, Response>): grpc.handleUnaryCall<Request, Response> =>
  ({ request }, answer) => {
    try {
      answer(null, handle(request));
    } catch (error) {
      answer({ code: grpc.status.UNKNOWN, details: (error as Error).message });
    }
  };

const check: Handler<Proto.CheckRequest, Proto.CheckResponse> = (request) => {
  const inputs = fromStruct(request.getNews());
  const [type, name] = [typeOf(request.getUrn()), nameOf(request.getUrn())];
  // An archive has no fields to look at.
  const plain = mapValues(inputs, (one) => (isArchive(one) ? {} : one)) as Made['inputs'];
  const response = new pb.CheckResponse();
  response.setInputs(toStruct(inputs));
  for (const problem of refusals([{ type, name, inputs: plain, protect: false, after: [] }])) {
    const failure = new pb.CheckFailure();
    failure.setReason(problem);
    response.addFailures(failure);
  }
  return response;
};

const diff: Handler<Proto.DiffRequest, Proto.DiffResponse> = (request) => {
  const ignored = request.getIgnorechangesList();
  const changes = changesOf(fromStruct(request.getOldInputs()), fromStruct(request.getNews())).filter(
    (key) => !ignored.includes(key),
  );
  const response = new pb.DiffResponse();
  const { DIFF_SOME, DIFF_NONE } = pb.DiffResponse.DiffChanges;
  response.setChanges(changes.length > 0 ? DIFF_SOME : DIFF_NONE);
  response.setDiffsList(changes);
  response.setReplacesList(changes.filter((key) => FIXED.includes(key)));
  return response;
};

function create(google: FakeGoogle, request: Proto.CreateRequest): Proto.CreateResponse {
  const [type, name] = [typeOf(request.getUrn()), nameOf(request.getUrn())];
  const inputs = fromStruct(request.getProperties());
  const response = new pb.CreateResponse();
  if (request.getPreview()) {
    const later = changesOf(inputs, filledIn(type, name, inputs)).filter((key) => inputs[key] === undefined);
    response.setProperties(
      toStruct({ ...inputs, ...Object.fromEntries(later.map((key) => [key, UNKNOWN])) }),
    );
    return response;
  }
  const { id, outputs } = google.create(type, name, inputs);
  response.setId(id);
  response.setProperties(toStruct(outputs));
  return response;
}

function update(google: FakeGoogle, request: Proto.UpdateRequest): Proto.UpdateResponse {
  const [type, name] = [typeOf(request.getUrn()), nameOf(request.getUrn())];
  const inputs = fromStruct(request.getNews());
  const response = new pb.UpdateResponse();
  const outputs = request.getPreview()
    ? filledIn(type, name, inputs)
    : google.update(type, name, request.getId(), inputs);
  response.setProperties(toStruct(outputs));
  return response;
}

export interface ServedGoogle {
  readonly address: string;
  close(): void;
}

/** Serves it on a free port of the loopback. */
export async function serveGoogle(google: FakeGoogle): Promise<ServedGoogle> {
  const server = new grpc.Server({ 'grpc.max_receive_message_length': 2 ** 28 });
  server.addService(services.ResourceProviderService as unknown as grpc.ServiceDefinition, {
    configure: unary(() => {
      const response = new pb.ConfigureResponse();
      response.setSupportspreview(true);
      return response;
    }),
    check: unary(check),
    diff: unary(diff),
    create: unary((request: Proto.CreateRequest) => create(google, request)),
    update: unary((request: Proto.UpdateRequest) => update(google, request)),
    delete: unary((request: Proto.DeleteRequest) => {
      google.delete(typeOf(request.getUrn()), nameOf(request.getUrn()), request.getId());
      return new empty.Empty();
    }),
    invoke: unary((request: Proto.InvokeRequest) => {
      const response = new pb.InvokeResponse();
      response.setReturn(toStruct(google.answer(request.getTok(), fromStruct(request.getArgs()))));
      return response;
    }),
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { address: `127.0.0.1:${port}`, close: () => server.forceShutdown() };
}
