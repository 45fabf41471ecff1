/**
 * A set of models on disk: `manifest.json` names every file with its size and SHA-256, and what else serving needs to
 * know. Reading checks all of it; a set with one wrong byte is refused whole, so that whoever loads keeps what it has.
 * Writing goes to a folder beside and is moved into place.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FEATURES, SEQUENCE } from './features.ts';

const file = z.object({
  name: z.string().regex(/^[\w.-]+$/),
  bytes: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const manifest = z.object({
  /** Identity of the set: when it was trained and from which seed. */
  version: z.string(),
  trainedAt: z.string(),
  seed: z.int(),
  /** Names of the features, in the order in which models take them. */
  features: z.array(z.string()),
  sequence: z.int(),
  forest: z.object({ file, trees: file, threshold: z.number(), baseline: z.number().optional() }),
  /** `baseline`: threshold of the simple baseline, to compare with. */
  lstm: z.object({ file, threshold: z.number(), horizonMs: z.number(), baseline: z.number().optional() }),
  bert: z.object({ file, pieces: file, categories: z.array(z.string()).min(2), maxPieces: z.int() }),
  /** Features of windows and scores of the models on them, to compare with later: drift. */
  reference: z.object({ file }),
});

export type Manifest = z.infer<typeof manifest>;
export type ArtifactFile = z.infer<typeof file>;

export interface ArtifactSet {
  readonly manifest: Manifest;
  /** Contents by name. */
  readonly files: ReadonlyMap<string, Buffer>;
}

/** What is wrong with a set of models, by file. */
export class ArtifactError extends Error {
  override readonly name = 'ArtifactError';
}

export const MANIFEST = 'manifest.json';

export const describeFile = (name: string, content: Uint8Array): ArtifactFile => ({
  name,
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
});

const filesOf = ({ forest, lstm, bert, reference }: Manifest): ArtifactFile[] => [
  forest.file,
  forest.trees,
  lstm.file,
  bert.file,
  bert.pieces,
  reference.file,
];

/** Reads and checks a set. Throws ArtifactError that names the file and what is wrong with it. */
export const readArtifacts = (dir: string): Promise<ArtifactSet> =>
  artifactsFrom((name) => readNamed(dir, name));

/** Reads a set by the names of its files, and checks it. Throws ArtifactError, or what `read` rejects with. */
export async function artifactsFrom(read: (name: string) => Promise<Buffer>): Promise<ArtifactSet> {
  const set = parseManifest(await read(MANIFEST));
  if (set.features.join() !== FEATURES.join() || set.sequence !== SEQUENCE)
    throw new ArtifactError(`${MANIFEST}: made for other features than this program computes`);
  const files = new Map<string, Buffer>();
  for (const expected of filesOf(set)) {
    const content = await read(expected.name);
    const found = describeFile(expected.name, content);
    if (found.bytes !== expected.bytes || found.sha256 !== expected.sha256)
      throw new ArtifactError(
        `${expected.name}: ${found.bytes} bytes, SHA-256 ${found.sha256.slice(0, 12)}…; the manifest says ${expected.bytes}, ${expected.sha256.slice(0, 12)}…`,
      );
    files.set(expected.name, content);
  }
  return { manifest: set, files };
}

async function readNamed(dir: string, name: string): Promise<Buffer> {
  try {
    return await readFile(join(dir, name));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new ArtifactError(`${name}: cannot be read from ${dir} (${code})`);
  }
}

function parseManifest(content: Buffer): Manifest {
  try {
    return manifest.parse(JSON.parse(content.toString('utf8')));
  } catch (error) {
    const first = error instanceof z.ZodError ? error.issues[0] : undefined;
    const detail = first === undefined ? 'not JSON' : `${first.path.join('.')}: ${first.message}`;
    throw new ArtifactError(`${MANIFEST}: ${detail}`);
  }
}

/** Writes a set whole: the folder has the old files or the new ones. `others` are files that are not checked. */
export async function writeArtifacts(
  dir: string,
  set: ArtifactSet,
  others: ReadonlyMap<string, string> = new Map(),
): Promise<void> {
  const beside = `${dir}.new`;
  await rm(beside, { recursive: true, force: true });
  await mkdir(beside, { recursive: true });
  for (const [name, content] of [...set.files, ...others]) await writeFile(join(beside, name), content);
  await writeFile(join(beside, MANIFEST), `${JSON.stringify(set.manifest, null, 2)}\n`);
  const old = `${dir}.old`;
  await rm(old, { recursive: true, force: true });
  await rename(dir, old).catch(() => undefined);
  await rename(beside, dir);
  await rm(old, { recursive: true, force: true });
}
