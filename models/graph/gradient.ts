/** Reverse-mode differentiation: walks the tape backwards and appends the gradients' nodes to the same graph. */
import type { Graph, Value } from './graph.ts';

/**
 * Gradients of `loss` (one number) by each of `parameters`. Throws if the loss does not depend on one of them: a
 * parameter that is never trained is a mistake.
 */
export function gradients(graph: Graph, loss: Value, parameters: readonly Value[]): Value[] {
  const depends = dependents(graph, parameters);
  const terms = new Map<string, Value[]>([[loss.name, [graph.scalar(1)]]]);
  const sum = (name: string): Value | undefined => {
    const list = terms.get(name);
    if (list === undefined || list.length === 1) return list?.[0];
    const total = graph.node('Sum', list, list[0]!.shape);
    terms.set(name, [total]);
    return total;
  };
  for (const { outputs, inputs, backward } of graph.tape.toReversed()) {
    if (!outputs.some(({ name }) => depends.has(name))) continue;
    const incoming = outputs.map(({ name }) => sum(name));
    if (incoming.every((gradient) => gradient === undefined)) continue;
    backward(...incoming).forEach((gradient, index) => {
      const { name } = inputs[index]!;
      if (gradient === undefined || !depends.has(name)) return;
      terms.set(name, [...(terms.get(name) ?? []), gradient]);
    });
  }
  return parameters.map(({ name }) => {
    const gradient = sum(name);
    if (gradient === undefined) throw new Error(`the loss does not depend on parameter ${name}`);
    return gradient;
  });
}

function dependents(graph: Graph, parameters: readonly Value[]): Set<string> {
  const depends = new Set(parameters.map(({ name }) => name));
  for (const { outputs, inputs } of graph.tape)
    if (inputs.some(({ name }) => depends.has(name))) for (const { name } of outputs) depends.add(name);
  return depends;
}
