import { expect, it } from 'vitest';
import { PushWindow } from '../../../local/pubsub/push-window.ts';

it('begins with one push, doubles with each round of successes, and stops at the maximum', () => {
  const window = new PushWindow(16);
  const sizes = [window.size];
  for (let round = 0; round < 5; round++) {
    const underWay = window.size;
    for (let push = 0; push < underWay; push++) window.succeeded();
    sizes.push(window.size);
  }
  expect(sizes).toEqual([1, 2, 4, 8, 16, 16]);
});

it('halves once for all failures of a round, then grows by one a round', () => {
  const window = new PushWindow(16);
  for (let push = 0; push < 15; push++) window.succeeded();
  const { round } = window;
  for (let push = 0; push < 16; push++) window.failed(round);
  expect(window.size).toBe(8);
  for (let push = 0; push < 9; push++) window.succeeded();
  expect(window.size).toBe(9);
});

it('never goes below one, however often pushes fail', () => {
  const window = new PushWindow(16);
  for (let push = 0; push < 50; push++) window.failed(window.round);
  expect(window.size).toBe(1);
  window.collapse();
  expect(window.size).toBe(1);
});

it('begins anew after nobody listened', () => {
  const window = new PushWindow(16);
  for (let push = 0; push < 15; push++) window.succeeded();
  window.collapse();
  expect(window.size).toBe(1);
});
