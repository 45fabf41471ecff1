/** ONNX Runtime, loaded when it is first needed: it costs 100 ms and 45 MB, and most of the project does without. */
import type { InferenceSession, Tensor } from 'onnxruntime-node';

export type { InferenceSession, Tensor };
export type Feeds = Record<string, Tensor>;

let loading: Promise<typeof import('onnxruntime-node')> | undefined;
const runtime = (): Promise<typeof import('onnxruntime-node')> => {
  // Otherwise it tells Microsoft of its sessions, by HTTPS, and keeps an id of the machine below the home folder.
  process.env.ORT_DISABLE_TELEMETRY ??= '1';
  loading ??= import('onnxruntime-node');
  return loading;
};

/**
 * Opens a model. One thread where it serves: on shared CPUs two threads raise the 99th percentile from 4 to 16 ms.
 * Throws what ONNX Runtime says of a model that it cannot read.
 */
export async function openSession(
  model: Uint8Array,
  { threads = 1 }: { threads?: number } = {},
): Promise<InferenceSession> {
  const { InferenceSession: sessions } = await runtime();
  return sessions.create(model, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
}

export interface TensorMaker {
  floats(data: Float32Array, shape: readonly number[]): Tensor;
  integers(data: Int32Array, shape: readonly number[]): Tensor;
}

/** Makes tensors; resolves when ONNX Runtime is loaded. */
export async function tensors(): Promise<TensorMaker> {
  const { Tensor: make } = await runtime();
  return {
    floats: (data, shape) => new make('float32', data, [...shape]),
    integers: (data, shape) => new make('int32', data, [...shape]),
  };
}

/** The numbers of an output. Throws if the model has no such output or it is not made of float32. */
export function floatsOf(results: Readonly<Record<string, Tensor>>, name: string): Float32Array {
  const data = results[name]?.data;
  if (!(data instanceof Float32Array)) throw new Error(`the model's output ${name} is not float32`);
  return data;
}
