/**
 * A layer of LSTM cells, unrolled over time for training, as one operation with a backward pass of its own: the
 * gradient by the weights is a single product over all steps. Gates in ONNX's order i, o, f, c, so that trained weights
 * go into ONNX's LSTM operator as they are (transposed): `lstmOperator`, with a dynamic batch, is what serves.
 */
import { multiplied, sigmoidGradient, tanhGradient } from './activation.ts';
import { elementwise } from './arithmetic.ts';
import type { Graph, Value } from './graph.ts';
import { gemm } from './matrix.ts';
import { fixed } from './shape.ts';

/** Input weights [features, 4·units], recurrent weights [units, 4·units], bias [4·units]. */
export interface LstmWeights {
  readonly input: Value;
  readonly recurrent: Value;
  readonly bias: Value;
}

interface Step {
  readonly gates: Value;
  readonly candidate: Value;
  readonly cell: Value;
  readonly squashed: Value;
  readonly hidden: Value;
}

/** Hidden values of all steps, [steps·batch, units], of x [steps, batch, features]. */
export function lstm(graph: Graph, x: Value, weights: LstmWeights): Value {
  const [steps, batch, features] = fixed(x.shape) as [number, number, number];
  const units = Number(weights.recurrent.shape[0]);
  const rows = graph.node(
    'Reshape',
    [x, graph.integers([steps * batch, features])],
    [steps * batch, features],
  );
  const projected = gemm(graph, rows, weights.input, { c: weights.bias });
  const parts = Array<number>(steps).fill(batch);
  const inputs = graph.nodes(
    'Split',
    [projected, graph.integers(parts)],
    parts.map(() => [batch, 4 * units]),
    { axis: 0 },
  );
  const done: Step[] = [];
  for (const input of inputs) done.push(forward(graph, input, done.at(-1), weights.recurrent, units));
  const hidden = join(
    graph,
    done.map((step) => step.hidden),
  );
  graph.record([hidden], [x, weights.input, weights.recurrent, weights.bias], (g) => {
    const pieces = graph.nodes(
      'Split',
      [g!, graph.integers(parts)],
      parts.map(() => [batch, units]),
      { axis: 0 },
    );
    const z = join(graph, backward(graph, done, pieces, weights.recurrent));
    const before = join(graph, [
      zeroState(graph, batch, units),
      ...done.slice(0, -1).map((step) => step.hidden),
    ]);
    const dx = gemm(graph, z, weights.input, { transB: true });
    return [
      graph.node('Reshape', [dx, graph.integers([steps, batch, features])], x.shape),
      gemm(graph, rows, z, { transA: true }),
      gemm(graph, before, z, { transA: true }),
      graph.node('ReduceSum', [z, graph.integers([0])], weights.bias.shape, { keepdims: 0 }),
    ];
  });
  return hidden;
}

/** The last step's hidden values [batch, units] out of all steps'. */
export function lastStep(graph: Graph, hidden: Value, steps: number): Value {
  const [rows, units] = fixed(hidden.shape) as [number, number];
  const batch = rows / steps;
  const cut = [rows - batch, batch];
  const shapes = cut.map((part) => [part, units]);
  const last = graph.nodes('Split', [hidden, graph.integers(cut)], shapes, { axis: 0 })[1]!;
  graph.record([last], [hidden], (g) => {
    const rest = graph.node(
      'ConstantOfShape',
      [graph.integers([rows - batch, units])],
      [rows - batch, units],
    );
    return [graph.node('Concat', [rest, g!], hidden.shape, { axis: 0 })];
  });
  return last;
}

function forward(graph: Graph, input: Value, last: Step | undefined, recurrent: Value, units: number): Step {
  const batch = input.shape[0]!;
  const z = last === undefined ? input : gemm(graph, last.hidden, recurrent, { c: input });
  const [zGates, zCandidate] = graph.nodes(
    'Split',
    [z, graph.integers([3 * units, units])],
    [
      [batch, 3 * units],
      [batch, units],
    ],
    { axis: 1 },
  ) as [Value, Value];
  const gates = graph.node('Sigmoid', [zGates], zGates.shape);
  const candidate = graph.node('Tanh', [zCandidate], zCandidate.shape);
  const [i, o, f] = thirds(graph, gates);
  const fresh = multiplied(graph, i, candidate);
  const cell = last === undefined ? fresh : elementwise(graph, 'Add', multiplied(graph, f, last.cell), fresh);
  const squashed = graph.node('Tanh', [cell], cell.shape);
  return { gates, candidate, cell, squashed, hidden: multiplied(graph, o, squashed) };
}

/** Gradients by the inputs of the gates, step by step, from the last to the first. */
function backward(graph: Graph, steps: readonly Step[], hidden: readonly Value[], recurrent: Value): Value[] {
  const out: Value[] = [];
  let dCell: Value | undefined;
  let dHidden: Value | undefined;
  for (let t = steps.length - 1; t >= 0; t--) {
    const { gates, candidate, cell, squashed } = steps[t]!;
    const g = dHidden === undefined ? hidden[t]! : elementwise(graph, 'Add', hidden[t]!, dHidden);
    const [i, o, f] = thirds(graph, gates);
    const direct = tanhGradient(graph, multiplied(graph, g, o), squashed);
    const dc: Value = dCell === undefined ? direct : elementwise(graph, 'Add', direct, dCell);
    const earlier = t > 0 ? steps[t - 1]!.cell : zeroLike(graph, cell);
    const byGate = [
      multiplied(graph, dc, candidate),
      multiplied(graph, g, squashed),
      multiplied(graph, dc, earlier),
    ];
    const dGates = sigmoidGradient(graph, graph.node('Concat', byGate, gates.shape, { axis: 1 }), gates);
    const dCandidate = tanhGradient(graph, multiplied(graph, dc, i), candidate);
    const z = graph.node('Concat', [dGates, dCandidate], [g.shape[0]!, recurrent.shape[1]!], { axis: 1 });
    out.unshift(z);
    dCell = multiplied(graph, dc, f);
    dHidden = gemm(graph, z, recurrent, { transB: true });
  }
  return out;
}

function thirds(graph: Graph, gates: Value): [Value, Value, Value] {
  const units = Number(gates.shape[1]) / 3;
  const shape = [gates.shape[0]!, units];
  return graph.nodes('Split', [gates, graph.integers([units, units, units])], [shape, shape, shape], {
    axis: 1,
  }) as [Value, Value, Value];
}

const join = (graph: Graph, values: readonly Value[]): Value => {
  const rows = values.reduce((sum, value) => sum + Number(value.shape[0]), 0);
  return graph.node('Concat', values, [rows, ...values[0]!.shape.slice(1)], { axis: 0 });
};

const zeroState = (graph: Graph, batch: number, units: number): Value =>
  graph.node('ConstantOfShape', [graph.integers([batch, units])], [batch, units]);

const zeroLike = (graph: Graph, x: Value): Value => zeroState(graph, Number(x.shape[0]), Number(x.shape[1]));

/**
 * ONNX's LSTM operator over x [steps, batch, features], the batch dynamic, with trained weights given as arrays.
 * Answers all hidden values [steps, batch, units] and the last ones [batch, units].
 */
export function lstmOperator(
  graph: Graph,
  x: Value,
  { input, recurrent, bias }: { input: Float32Array; recurrent: Float32Array; bias: Float32Array },
): { all: Value; last: Value } {
  const [steps, batch] = x.shape as [number, string];
  const features = Number(x.shape[2]);
  const units = bias.length / 4;
  const bothBiases = new Float32Array(8 * units);
  bothBiases.set(bias);
  const [y, h] = graph.nodes(
    'LSTM',
    [
      x,
      graph.constant(turned(input, features, 4 * units), [1, 4 * units, features]),
      graph.constant(turned(recurrent, units, 4 * units), [1, 4 * units, units]),
      graph.constant(bothBiases, [1, 8 * units]),
    ],
    [
      [steps, 1, batch, units],
      [1, batch, units],
    ],
    { hidden_size: units },
  ) as [Value, Value];
  return {
    all: graph.node('Squeeze', [y, graph.integers([1])], [steps, batch, units]),
    last: graph.node('Squeeze', [h, graph.integers([0])], [batch, units]),
  };
}

function turned(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(matrix.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      out[column * rows + row] = matrix[row * columns + column]!;
  return out;
}
