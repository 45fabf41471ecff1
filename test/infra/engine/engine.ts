/**
 * An engine without a cloud: what `pulumi up`, `preview` and `destroy` do to a stack's state, as far as our program needs
 * it. It runs the unmodified program of a folder by the SDK's own runner, asks providers by Pulumi's protocol, and keeps
 * what they made. It is not Pulumi's engine: no plan, no refresh, no aliases, no imports, no transforms, and what is
 * replaced is deleted first. What it cannot do it refuses by throwing.
 */
import type * as Proto from '@pulumi/pulumi/proto/resource_pb.js';
import { asSecret, type Fields, fromStruct, hasSecret, withoutSecrets } from '../wire.ts';
import { withArchiveDigests } from './archive-digest.ts';
import { type Monitor, runProgram } from './program.ts';
import type { Provider } from './provider.ts';

export interface Entry {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly isCustom: boolean;
  readonly id: string;
  readonly inputs: Fields;
  readonly outputs: Fields;
  readonly dependencies: readonly string[];
  readonly parent: string;
  readonly isProtected: boolean;
}
/** In the order in which they were made. */
export type State = readonly Entry[];

export type StepKind = 'create' | 'update' | 'replace' | 'delete' | 'same';
export interface Step {
  readonly kind: StepKind;
  readonly type: string;
  readonly name: string;
}

export interface Update {
  readonly state: State;
  readonly steps: readonly Step[];
  /** Of the stack. */
  readonly outputs: Fields;
  /** Why it stopped; none: it went through. */
  readonly problems: readonly string[];
}

export interface StackOptions {
  /** Folder with Pulumi.yaml. */
  readonly program: string;
  readonly project: string;
  readonly stack: string;
  readonly config: Readonly<Record<string, string>>;
  readonly secretKeys: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Provider of a package, such as gcp. */
  readonly provider: (pkg: string, engine: string) => Promise<Provider>;
}

/** Steps that change something. */
export const changesOf = ({ steps }: Update): string[] =>
  steps.filter(({ kind }) => kind !== 'same').map(({ kind, type, name }) => `${kind} ${type} ${name}`);

/** `pulumi up`, or with `preview` what it would do; the state then stays as it is. */
export async function update(options: StackOptions, state: State, { preview = false } = {}): Promise<Update> {
  const run = new Run(options, state, preview);
  const problems = await runProgram(options, run, preview);
  await run.settled();
  if (problems.length === 0 && run.problems.length === 0) await run.removeOthers();
  run.close();
  return {
    state: preview ? state : run.state(),
    steps: run.steps,
    outputs: run.outputs,
    problems: [...run.problems, ...(run.problems.length === 0 ? problems : [])],
  };
}

/** `pulumi destroy`: what depends on others goes before them. */
export async function destroy(options: StackOptions, state: State): Promise<Update> {
  const run = new Run(options, state, false);
  await run.removeOthers();
  run.close();
  return { state: run.state(), steps: run.steps, outputs: {}, problems: run.problems };
}

/** Names of types that stand for other things than resources of a provider. */
const isOfProvider = ({ isCustom, type }: { readonly isCustom: boolean; readonly type: string }): boolean =>
  isCustom && !type.startsWith('pulumi:providers:');

class Run implements Monitor {
  readonly steps: Step[] = [];
  readonly problems: string[] = [];
  outputs: Fields = {};
  engine = '';
  readonly #options: StackOptions;
  readonly #preview: boolean;
  readonly #olds: Map<string, Entry>;
  readonly #made = new Map<string, Entry>();
  readonly #pending: Promise<unknown>[] = [];
  readonly #providers = new Map<string, Promise<Provider>>();

  constructor(options: StackOptions, state: State, preview: boolean) {
    this.#options = options;
    this.#preview = preview;
    this.#olds = new Map(state.map((entry) => [entry.urn, entry]));
  }

  /** What is there now: a failed run leaves what it did not come to. */
  state(): State {
    const left = [...this.#olds.values()].filter(({ urn }) => !this.#made.has(urn));
    return [...left, ...this.#made.values()];
  }

  close(): void {
    for (const provider of this.#providers.values()) void provider.then((one) => one.close());
  }

  #providerOf(type: string): Promise<Provider> {
    const pkg = type.split(':')[0]!;
    const known = this.#providers.get(pkg) ?? this.#options.provider(pkg, this.engine);
    this.#providers.set(pkg, known);
    return known;
  }

  register(request: Proto.RegisterResourceRequest): Promise<Entry> {
    const registered = this.#register(request);
    this.#pending.push(registered);
    return registered;
  }

  /** A program that has ended may have left something on its way. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#pending);
  }

  async #register(request: Proto.RegisterResourceRequest): Promise<Entry> {
    const entry = this.#entryOf(request);
    if (this.#made.has(entry.urn)) throw new Error(`${entry.urn} is asked for twice`);
    const old = this.#olds.get(entry.urn);
    if (!isOfProvider(entry)) {
      const made = { ...entry, id: entry.isCustom ? `provider-${entry.name}` : '', outputs: entry.inputs };
      return this.#done(old === undefined ? 'create' : 'same', made);
    }
    try {
      return await this.#make(entry, old, request.getIgnorechangesList());
    } catch (error) {
      this.problems.push(`${entry.type} ${entry.name}: ${(error as Error).message}`);
      throw error;
    }
  }

  #entryOf(request: Proto.RegisterResourceRequest): Entry {
    const [type, name, parent] = [request.getType(), request.getName(), request.getParent()];
    const above = parent.split('::')[2] ?? '';
    const path = above === '' || above === 'pulumi:pulumi:Stack' ? type : `${above}$${type}`;
    const { stack, project, program } = this.#options;
    return {
      ...{ urn: `urn:pulumi:${stack}::${project}::${path}::${name}`, type, name, parent, id: '' },
      isCustom: request.getCustom(),
      inputs: withArchiveDigests(fromStruct(request.getObject()), program),
      outputs: {},
      dependencies: request.getDependenciesList(),
      isProtected: request.getProtect() ?? false,
    };
  }

  async #make(entry: Entry, old: Entry | undefined, ignored: readonly string[]): Promise<Entry> {
    const provider = await this.#providerOf(entry.type);
    const secret = Object.keys(entry.inputs).filter((key) => hasSecret(entry.inputs[key]));
    const kept = ignored.flatMap((key) => (old?.inputs[key] === undefined ? [] : [[key, old.inputs[key]]]));
    const asked = withoutSecrets({ ...entry.inputs, ...Object.fromEntries(kept) });
    const inputs = await provider.check(entry.urn, withoutSecrets(old?.inputs ?? {}), asked);
    const { kind, id, outputs } = await this.#apply(provider, { entry, old, inputs, ignored });
    const hidden = (fields: Fields): Fields =>
      Object.fromEntries(
        Object.entries(fields).map(([key, value]) => [key, secret.includes(key) ? asSecret(value) : value]),
      );
    return this.#done(kind, { ...entry, id, inputs: hidden(inputs), outputs: hidden(outputs) });
  }

  async #apply(
    provider: Provider,
    asked: {
      readonly entry: Entry;
      readonly old: Entry | undefined;
      readonly inputs: Fields;
      readonly ignored: readonly string[];
    },
  ): Promise<{ kind: StepKind; id: string; outputs: Fields }> {
    const { entry, old, inputs, ignored } = asked;
    if (old === undefined)
      return { kind: 'create', ...(await provider.create(entry.urn, inputs, this.#preview)) };
    const olds = { inputs: withoutSecrets(old.inputs), outputs: withoutSecrets(old.outputs) };
    const kind = await provider.diff(old, olds, inputs, ignored);
    if (kind === 'same') return { kind, id: old.id, outputs: olds.outputs };
    if (kind === 'update') {
      const outputs = await provider.update(old, olds.outputs, inputs, this.#preview);
      return { kind, id: old.id, outputs };
    }
    if (old.isProtected) throw new Error('would be replaced, and is protected');
    if (!this.#preview) await provider.delete(old, olds.outputs);
    return { kind, ...(await provider.create(entry.urn, inputs, this.#preview)) };
  }

  #done(kind: StepKind, entry: Entry): Entry {
    this.#made.set(entry.urn, entry);
    this.#step(kind, entry);
    return entry;
  }

  #step(kind: StepKind, { type, name }: Entry): void {
    this.steps.push({ kind, type: type.split(':').at(-1)!, name });
  }

  registerOutputs(urn: string, outputs: Fields): void {
    if (urn.split('::')[2] === 'pulumi:pulumi:Stack') this.outputs = outputs;
  }

  async invoke(token: string, args: Fields): Promise<Fields> {
    return (await this.#providerOf(token)).invoke(token, withoutSecrets(args));
  }

  /** Removes what the program did not ask for. */
  async removeOthers(): Promise<void> {
    const others = [...this.#olds.values()].filter(({ urn }) => !this.#made.has(urn));
    for (const entry of inOrderOfRemoval(others)) {
      if (entry.isProtected) {
        this.problems.push(`${entry.type} ${entry.name}: is protected`);
        return;
      }
      try {
        if (isOfProvider(entry) && !this.#preview)
          await (await this.#providerOf(entry.type)).delete(entry, withoutSecrets(entry.outputs));
      } catch (error) {
        this.problems.push(`${entry.type} ${entry.name}: ${(error as Error).message}`);
        return;
      }
      this.#olds.delete(entry.urn);
      this.#step('delete', entry);
    }
  }
}

/** What others depend on, or lie in, comes after them. Throws an Error when they depend on each other in a circle. */
export function inOrderOfRemoval(entries: readonly Entry[]): Entry[] {
  const left = new Map(entries.map((entry) => [entry.urn, entry]));
  const users = new Map<string, number>();
  const needs = ({ dependencies, parent }: Entry): string[] => [...new Set([...dependencies, parent])];
  for (const entry of entries) for (const urn of needs(entry)) users.set(urn, (users.get(urn) ?? 0) + 1);
  const order: Entry[] = [];
  let free = [...entries].reverse().filter(({ urn }) => (users.get(urn) ?? 0) === 0);
  while (free.length > 0) {
    const next: Entry[] = [];
    for (const entry of free) {
      order.push(entry);
      for (const urn of needs(entry)) {
        users.set(urn, users.get(urn)! - 1);
        if (users.get(urn) === 0 && left.has(urn)) next.push(left.get(urn)!);
      }
    }
    free = next;
  }
  if (order.length < entries.length) throw new Error('resources depend on each other in a circle');
  return order;
}
