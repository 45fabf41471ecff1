import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkPorts, freePorts, PortTaken, portsFrom } from '../../../local/start/ports.ts';
import { SupervisedProcess } from '../../../local/start/process.ts';

let folder: string;
let running: SupervisedProcess | null;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'process-'));
  running = null;
});
afterEach(async () => {
  await running?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A server that answers with its pid on the port it is given. */
const SERVER = `
  import { createServer } from 'node:http';
  const server = createServer((request, response) => response.end(String(process.pid)));
  server.listen(process.argv[2], () => console.log('listening on ' + server.address().address));`;

async function start(port: number, code = SERVER, lines: string[] = []): Promise<SupervisedProcess> {
  const script = join(folder, 'server.mjs');
  await writeFile(script, code);
  running = await SupervisedProcess.start({
    name: 'server',
    args: [script, String(port)],
    ports: [port],
    logFile: join(folder, 'server.log'),
    onLine: (line) => lines.push(line),
  });
  return running;
}

const pidAt = async (port: number): Promise<number> =>
  Number(await (await fetch(`http://127.0.0.1:${port}`)).text());

describe('a process of its own', () => {
  it('is ready when started, listens on loopback alone, and comes back after a SIGKILL', async () => {
    const { page: port } = await freePorts();
    const lines: string[] = [];
    const server = await start(port, SERVER, lines);
    const first = await pidAt(port);
    expect(first).toBe(server.pid);
    expect(lines).toContain('listening on 127.0.0.1');
    await server.kill();
    await server.ready();
    expect(await pidAt(port)).not.toBe(first);
    expect(server.restarts).toBe(1);
    await server.stop();
    expect(await readFile(join(folder, 'server.log'), 'utf8')).toContain(
      'server ended (SIGKILL); started again in 200 ms',
    );
  });

  it('that cannot start says its last words', async () => {
    const { page: port } = await freePorts();
    await expect(start(port, 'console.error("no such setting"); process.exit(3);')).rejects.toThrow(
      /server did not start[\s\S]*no such setting/,
    );
  });
});

describe('ports', () => {
  it('follow each other from the base, and a base out of range is refused', () => {
    expect(portsFrom(9000)).toMatchObject({ page: 9000, pubsub: 9001, bigquery: 9002 });
    expect(() => portsFrom(80)).toThrow('--port-base must be from 1024');
  });

  it('that are taken are named', async () => {
    const ports = await freePorts();
    await start(ports.storage);
    await expect(checkPorts(ports)).rejects.toThrow(PortTaken);
    await expect(checkPorts(ports)).rejects.toThrow(`port ${ports.storage} (storage)`);
  });
});
