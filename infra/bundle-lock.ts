/**
 * The lock file of one function: that part of the repository's which its packages reach. With it Cloud Build installs by
 * `npm ci` the versions that were tested, also those that packages ask for by a range, and the same ones next year.
 */
import { readFile } from 'node:fs/promises';

interface Entry {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
}

/** `packages` of a package-lock.json of version 3, by their paths. */
export type Lock = Readonly<Record<string, Entry>>;

export const readLock = async (path: string): Promise<Lock> =>
  (JSON.parse(await readFile(path, 'utf8')) as { readonly packages: Lock }).packages;

/** The folder in which Node finds a package, asked from another's folder; undefined: the lock does not have it. */
function placeOf(lock: Lock, name: string, from: string): string | undefined {
  for (let at = from; ; ) {
    const place = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    if (lock[place] !== undefined) return place;
    if (at === '') return undefined;
    at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')));
  }
}

/** Text of the lock file for these dependencies, as package.json names them. Throws an Error for one that is not locked. */
export function lockOf(
  lock: Lock,
  manifest: {
    readonly dependencies: Readonly<Record<string, string>>;
    readonly engines: Readonly<Record<string, string>>;
  },
): string {
  const reached = new Map<string, Entry>();
  const waiting = Object.keys(manifest.dependencies).map((name) => ({ name, from: '', isNeeded: true }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { name, from, isNeeded } = next;
    const place = placeOf(lock, name, from);
    if (place === undefined && isNeeded)
      throw new Error(`package-lock.json has no ${name}, which ${from} needs`);
    if (place === undefined || reached.has(place)) continue;
    const { dev: _, devOptional: __, ...entry } = lock[place]!;
    reached.set(place, entry);
    // Peers that are optional are there or not.
    for (const [needed, isHard] of [
      ...Object.keys(entry.dependencies ?? {}).map((one) => [one, true] as const),
      ...Object.keys({ ...entry.optionalDependencies, ...entry.peerDependencies }).map(
        (one) => [one, false] as const,
      ),
    ])
      waiting.push({ name: needed, from: place, isNeeded: isHard });
  }
  const packages = Object.fromEntries([...reached].sort(([a], [b]) => (a < b ? -1 : 1)));
  const { dependencies, engines } = manifest;
  return `${JSON.stringify({ lockfileVersion: 3, requires: true, packages: { '': { dependencies, engines }, ...packages } }, null, 2)}\n`;
}
