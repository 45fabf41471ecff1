/** Layer normalization over the last axis. */
import { multiplied } from './activation.ts';
import { elementwise, reduceTo } from './arithmetic.ts';
import type { Graph, Value } from './graph.ts';

const EPSILON = 1e-5;

export function layerNorm(graph: Graph, x: Value, gain: Value, bias: Value): Value {
  const row = [...x.shape.slice(0, -1), 1];
  const [y, mean, inverse] = graph.nodes('LayerNormalization', [x, gain, bias], [x.shape, row, row], {
    axis: -1,
    epsilon: { float: EPSILON },
  }) as [Value, Value, Value];
  graph.record([y], [x, gain, bias], (g) => {
    const normal = multiplied(graph, elementwise(graph, 'Sub', x, mean), inverse);
    const gained = multiplied(graph, g!, gain);
    const average = (value: Value): Value =>
      graph.node('ReduceMean', [value], row, { axes: [x.shape.length - 1], keepdims: 1 });
    const centred = elementwise(graph, 'Sub', gained, average(gained));
    const along = multiplied(graph, normal, average(multiplied(graph, gained, normal)));
    return [
      multiplied(graph, inverse, elementwise(graph, 'Sub', centred, along)),
      reduceTo(graph, multiplied(graph, g!, normal), gain.shape),
      reduceTo(graph, g!, bias.shape),
    ];
  });
  return y;
}
