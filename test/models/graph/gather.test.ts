import { expect, it } from 'vitest';
import { gradients } from '../../../models/graph/gradient.ts';
import { Graph } from '../../../models/graph/graph.ts';
import { gather } from '../../../models/graph/matrix.ts';
import { createRandom } from '../../../models/graph/random.ts';
import { floatsOf, openSession, tensors } from '../../../models/graph/runtime.ts';
import { weighed } from './gradient-check.ts';

it('the gradient of a table adds up every use of a row, on any number of threads, the same each time', async () => {
  const [rows, width, uses] = [3, 64, 20_000];
  const graph = new Graph();
  const table = graph.input('table', [rows, width]);
  const indices = graph.input('indices', [uses], 'int32');
  const [gradient] = gradients(graph, weighed(graph, gather(graph, table, indices)), [table]);
  graph.output(gradient!, 'gradient');
  const make = await tensors();
  const random = createRandom(3);
  const feeds = {
    table: make.floats(new Float32Array(rows * width).fill(1), [rows, width]),
    indices: make.integers(
      Int32Array.from({ length: uses }, () => random.below(rows)),
      [uses],
    ),
  };
  const run = async (threads: number): Promise<Float32Array> => {
    const session = await openSession(graph.bytes(), { threads });
    return Float32Array.from(floatsOf(await session.run(feeds), 'gradient'));
  };
  const alone = await run(1);
  for (let again = 0; again < 5; again++) expect(await run(4)).toEqual(alone);
});
