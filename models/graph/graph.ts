/**
 * A graph of ONNX operators under construction, and the tape of its differentiable operations. Every value knows its
 * shape, so that a mistake is an error where it is made and not when ONNX Runtime loads the model.
 */
import {
  type Attribute,
  type ElementType,
  encodeModel,
  type Initializer,
  initializer,
  type Node,
  node,
  type Port,
  port,
  type TensorData,
} from './proto.ts';
import { fixed, type Shape } from './shape.ts';

export interface Value {
  readonly name: string;
  readonly shape: Shape;
}

/** Gradients of the loss by an operation's inputs, from those by its outputs (undefined: none flows here). */
export type Backward = (...gradients: (Value | undefined)[]) => (Value | undefined)[];

export interface Operation {
  readonly outputs: readonly Value[];
  readonly inputs: readonly Value[];
  readonly backward: Backward;
}

type Attributes = Readonly<Record<string, Attribute>>;

export class Graph {
  readonly tape: Operation[] = [];
  readonly #nodes: Node[] = [];
  readonly #initializers: Initializer[] = [];
  readonly #inputs: Port[] = [];
  readonly #outputs: Port[] = [];
  readonly #constants = new Map<string, Value>();
  #names = 0;

  /** Adds an operator with several outputs. `null` leaves an optional input out. */
  nodes(
    op: string,
    inputs: readonly (Value | null)[],
    shapes: readonly Shape[],
    attributes: Attributes = {},
    domain = '',
  ): Value[] {
    const outputs = shapes.map((shape) => ({ name: this.#name(op), shape }));
    this.#nodes.push(
      node({
        op,
        domain,
        inputs: inputs.map((value) => value?.name ?? ''),
        outputs: outputs.map((value) => value.name),
        attributes,
      }),
    );
    return outputs;
  }

  /** Adds an operator with one output. */
  node(
    op: string,
    inputs: readonly (Value | null)[],
    shape: Shape,
    attributes: Attributes = {},
    domain = '',
  ): Value {
    return this.nodes(op, inputs, [shape], attributes, domain)[0]!;
  }

  /** An input of the model, fed at every run. */
  input(name: string, shape: Shape, element: ElementType = 'float32'): Value {
    this.#inputs.push(port(name, shape, element));
    return { name, shape };
  }

  /** Makes a value an output of the model under this name. */
  output(value: Value, name: string, element: ElementType = 'float32'): void {
    this.#nodes.push(
      node({ op: 'Identity', domain: '', inputs: [value.name], outputs: [name], attributes: {} }),
    );
    this.#outputs.push(port(name, value.shape, element));
  }

  /** A tensor stored in the model. */
  constant(data: TensorData, shape: Shape, name = this.#name('constant')): Value {
    this.#initializers.push(initializer(name, fixed(shape), data));
    return { name, shape };
  }

  /** A float32 constant without dimensions; equal ones are stored once. */
  scalar(value: number): Value {
    return this.#once(`scalar ${value}`, () => this.constant(Float32Array.of(value), []));
  }

  /** A list of int64, as shapes and axes are given; equal ones are stored once. */
  integers(values: readonly number[]): Value {
    return this.#once(`integers ${values}`, () =>
      this.constant(BigInt64Array.from(values, BigInt), [values.length]),
    );
  }

  /** Puts an operation on the tape. */
  record(outputs: readonly Value[], inputs: readonly Value[], backward: Backward): void {
    this.tape.push({ outputs, inputs, backward });
  }

  /** The model file, without nodes that no output needs. */
  bytes(): Uint8Array {
    const needed = new Set(this.#outputs.map((output) => output.name));
    const nodes: Node[] = [];
    for (const one of this.#nodes.toReversed()) {
      if (!one.output.some((name) => needed.has(name))) continue;
      nodes.unshift(one);
      for (const name of one.input) needed.add(name);
    }
    return encodeModel({
      nodes,
      initializers: this.#initializers.filter((one) => needed.has(one.name)),
      inputs: this.#inputs,
      outputs: this.#outputs,
    });
  }

  #once(key: string, make: () => Value): Value {
    const known = this.#constants.get(key) ?? make();
    this.#constants.set(key, known);
    return known;
  }

  #name(op: string): string {
    return `${op}_${this.#names++}`;
  }
}
