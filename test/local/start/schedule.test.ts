import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { callEvery } from '../../../local/start/schedule.ts';
import { ManualTimers } from '../../manual-timers.ts';

it('a schedule calls at every beat, also after a call that failed, and not after it was stopped', async () => {
  const methods: string[] = [];
  const server = createServer((request, response) => {
    methods.push(request.method ?? '');
    response.writeHead(methods.length === 1 ? 500 : 200).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const timers = new ManualTimers();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stop = callEvery(60_000, url, timers, 1_000);
  for (const afterMs of [1_000, 60_000]) {
    const called = once(server, 'request');
    timers.advance(afterMs);
    await called;
  }
  await stop();
  timers.advance(120_000);
  server.close();
  expect(methods).toEqual(['POST', 'POST']);
});
