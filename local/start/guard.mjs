/**
 * Loaded into every process that `logweir start` makes, before its own code: it ends when its parent is gone, also
 * when the parent was killed, and it listens on loopback alone (functions-framework would listen everywhere).
 */
import { Server } from 'node:net';

process.on('disconnect', () => process.exit(0));
process.channel?.unref();

const listen = Server.prototype.listen;
Server.prototype.listen = function (...args) {
  const [first, ...rest] = args;
  const port = typeof first === 'string' && /^\d+$/.test(first) ? Number(first) : first;
  if (typeof port !== 'number') return listen.apply(this, args);
  const callback = rest.find((arg) => typeof arg === 'function');
  return listen.call(this, { port, host: '127.0.0.1' }, callback);
};
