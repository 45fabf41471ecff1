/** Buildah as this machine can run it: without an engine, as root, with the host's network. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

export interface Images {
  /** Throws an Error with the end of what it said when it fails. Resolves to what it printed. */
  buildah(...args: string[]): Promise<string>;
  /** For another process, of which each argument is one of its own. */
  readonly command: readonly string[];
}

export interface Started {
  /** As the image wants to be started. */
  readonly argv: readonly string[];
  readonly user: string;
}

const SAID = 4000;

/** Runs a program to its end. Throws an Error with the end of what it said when it fails. */
export async function run(command: readonly string[], options: { cwd?: string } = {}): Promise<string> {
  const [program, ...args] = command;
  const child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [out, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}: ${(out + errors).slice(-SAID)}`);
  return out.trim();
}

/** Images and their layers are kept below `folder`. */
export function imagesIn(folder: string): Images {
  const command = [
    ...['buildah', '--root', `${folder}/store`, '--runroot', `${folder}/run`],
    ...['--storage-driver', 'overlay'],
  ];
  return { command, buildah: (...args) => run([...command, ...args]) };
}

/** What an image says of how it is started. */
export async function startOf({ buildah }: Images, image: string): Promise<Started> {
  const { OCIv1 } = JSON.parse(await buildah('inspect', '--type', 'image', image)) as {
    OCIv1: { config: { Entrypoint?: string[]; Cmd?: string[]; User?: string } };
  };
  const { Entrypoint = [], Cmd = [], User = '' } = OCIv1.config;
  return { argv: [...Entrypoint, ...Cmd], user: User };
}

/** Bytes of an image. */
export async function sizeOf({ buildah }: Images, image: string): Promise<string> {
  return buildah('images', '--format', '{{.Size}}', image);
}
