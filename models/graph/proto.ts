/** The pieces of an ONNX model as protobuf messages (onnx.proto of ONNX 1.10, IR version 8). */
import onnxProto from 'onnx-proto';
import type { Shape } from './shape.ts';

const { onnx } = onnxProto;

export type ElementType = 'float32' | 'int32' | 'int64' | 'int8' | 'uint8' | 'bool';

export type Attribute =
  | number
  | string
  | readonly number[]
  | readonly string[]
  | { readonly float: number }
  | { readonly floats: readonly number[] };

export type TensorData = Float32Array | Int32Array | BigInt64Array | Int8Array | Uint8Array;

const ELEMENT = {
  float32: onnx.TensorProto.DataType.FLOAT,
  int32: onnx.TensorProto.DataType.INT32,
  int64: onnx.TensorProto.DataType.INT64,
  int8: onnx.TensorProto.DataType.INT8,
  uint8: onnx.TensorProto.DataType.UINT8,
  bool: onnx.TensorProto.DataType.BOOL,
} as const;

export type Node = InstanceType<typeof onnx.NodeProto>;
export type Initializer = InstanceType<typeof onnx.TensorProto>;
export type Port = InstanceType<typeof onnx.ValueInfoProto>;

/** A whole number becomes INT, {float} FLOAT, a list of numbers INTS, {floats} FLOATS, words STRING(S). */
function attribute(name: string, value: Attribute) {
  const kinds = onnx.AttributeProto.AttributeType;
  if (typeof value === 'number') return { name, type: kinds.INT, i: value };
  if (typeof value === 'string') return { name, type: kinds.STRING, s: Buffer.from(value) };
  if ('float' in value) return { name, type: kinds.FLOAT, f: value.float };
  if ('floats' in value) return { name, type: kinds.FLOATS, floats: [...value.floats] };
  if (typeof value[0] === 'string')
    return { name, type: kinds.STRINGS, strings: value.map((word) => Buffer.from(String(word))) };
  return { name, type: kinds.INTS, ints: value.map(Number) };
}

export interface NodeSpec {
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export const node = ({ op, domain, inputs, outputs, attributes }: NodeSpec): Node =>
  onnx.NodeProto.create({
    opType: op,
    domain,
    name: `${op}:${outputs[0]}`,
    input: [...inputs],
    output: [...outputs],
    attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
  });

const elementOf = (data: TensorData): ElementType => {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Int32Array) return 'int32';
  if (data instanceof BigInt64Array) return 'int64';
  return data instanceof Int8Array ? 'int8' : 'uint8';
};

export const initializer = (name: string, dims: readonly number[], data: TensorData): Initializer =>
  onnx.TensorProto.create({
    name,
    dims: [...dims],
    dataType: ELEMENT[elementOf(data)],
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  });

export const port = (name: string, shape: Shape, element: ElementType): Port =>
  onnx.ValueInfoProto.create({
    name,
    type: {
      tensorType: {
        elemType: ELEMENT[element],
        shape: { dim: shape.map((dim) => (typeof dim === 'string' ? { dimParam: dim } : { dimValue: dim })) },
      },
    },
  });

export interface ModelParts {
  readonly nodes: Node[];
  readonly initializers: Initializer[];
  readonly inputs: Port[];
  readonly outputs: Port[];
}

/** The model file: opset 17, ai.onnx.ml 3. */
export const encodeModel = ({ nodes, initializers, inputs, outputs }: ModelParts): Uint8Array =>
  onnx.ModelProto.encode({
    irVersion: 8,
    producerName: 'logweir',
    opsetImport: [
      { domain: '', version: 17 },
      { domain: 'ai.onnx.ml', version: 3 },
    ],
    graph: { name: 'logweir', node: nodes, initializer: initializers, input: inputs, output: outputs },
  }).finish();
