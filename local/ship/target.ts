/**
 * Where to publish: the laptop cloud that runs here, as `logweir start` wrote it down, unless told otherwise.
 */
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { PROJECT } from '../endpoints.ts';

export interface Target {
  /** HOST:PORT, spoken to in plain text; null: Google's own, with the machine's credentials. */
  readonly endpoint: string | null;
  readonly project: string;
  readonly topic: string;
}

export interface TargetOptions {
  readonly endpoint?: string;
  readonly project?: string;
  readonly topic?: string;
  /** Where the laptop cloud keeps its state. */
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What is wrong with what the user asked for, in words for the user. */
export class ShipError extends Error {
  override readonly name = 'ShipError';
}

/** Stands for Google's own Pub/Sub, with credentials. */
export const GOOGLE = 'pubsub.googleapis.com';
const TOPIC = 'logs';

/** Of what local/endpoints.ts writes, what is needed here: other parts may come and go. */
const endpointsFile = z.object({
  pubsub: z.string(),
  projectId: z.string().optional(),
  topic: z.string().optional(),
});

/** `--endpoint`, else PUBSUB_EMULATOR_HOST, else what `logweir start` wrote down. Throws ShipError. */
export async function resolveTarget(options: TargetOptions): Promise<Target> {
  const { env } = options;
  const project = options.project ?? env.LOGWEIR_PROJECT ?? env.GOOGLE_CLOUD_PROJECT;
  const given = options.endpoint ?? env.PUBSUB_EMULATOR_HOST;
  if (given === undefined) return written(options, project);
  if (given === GOOGLE || given === `${GOOGLE}:443`) {
    if (project === undefined) throw new ShipError(`--endpoint ${GOOGLE} needs --project`);
    return { endpoint: null, project, topic: options.topic ?? TOPIC };
  }
  return {
    endpoint: checked(given, options.endpoint === undefined ? 'PUBSUB_EMULATOR_HOST' : '--endpoint'),
    project: project ?? PROJECT,
    topic: options.topic ?? TOPIC,
  };
}

async function written(options: TargetOptions, project: string | undefined): Promise<Target> {
  const path = join(options.dataDir, 'endpoints.json');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw new ShipError(
      `no laptop cloud here: ${relative('.', path)} does not exist. Start one with "npm start", ` +
        'or name another place with --data-dir DIR or --endpoint HOST:PORT.',
    );
  });
  const { pubsub, projectId, topic } = readEndpoints(text, path);
  return {
    endpoint: checked(pubsub, path),
    project: options.project ?? projectId ?? project ?? PROJECT,
    topic: options.topic ?? topic ?? TOPIC,
  };
}

function readEndpoints(text: string, path: string): z.infer<typeof endpointsFile> {
  try {
    return endpointsFile.parse(JSON.parse(text));
  } catch {
    throw new ShipError(`${path} does not name the laptop's Pub/Sub as "pubsub": "HOST:PORT"`);
  }
}

function checked(endpoint: string, source: string): string {
  const port = Number(/^[\w.-]+:(\d{1,5})$/.exec(endpoint)?.[1]);
  if (port > 0 && port < 65_536) return endpoint;
  throw new ShipError(`${source}="${endpoint}" is not valid; allowed: HOST:PORT or ${GOOGLE}`);
}

/** Throws ShipError when nobody listens there: the client would try for ten minutes. */
export async function checkListening({ endpoint }: Target): Promise<void> {
  if (endpoint === null) return;
  const [host, port] = endpoint.split(':');
  const socket = connect({ host: host!, port: Number(port) });
  try {
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    throw new ShipError(
      `nothing listens at ${endpoint} (${code}). Is the laptop cloud running? Start it with "npm start".`,
    );
  } finally {
    socket.destroy();
  }
}
