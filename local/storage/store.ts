/**
 * Buckets and objects on disk, with an index in memory.
 *
 *   buckets/B/bucket.json              settings of bucket B
 *   buckets/B/objects/ab/HASH.json     what is known of an object: the name, its hashes, its settings
 *   buckets/B/objects/ab/HASH.1763…    its bytes, in this generation
 *   incoming/                          bytes on their way in
 *
 * Guarantee: an object is replaced, made or removed by one rename or unlink of its .json; whoever reads sees it before
 * or after, also when the process dies in between (bytes that no .json names are swept away at the next start). A
 * reader that has opened the old bytes reads them to the end.
 */
import { randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ApiError } from '../http.ts';
import { Intake } from './intake.ts';
import { checkBucketName, checkObjectName, placeOf } from './names.ts';
import { ObjectIndex } from './object-index.ts';
import { type Conditions, checkConditions } from './precondition.ts';
import type { BucketRecord, ObjectRecord, Settings } from './resource.ts';

/** What an object is to be, beside its bytes. */
export interface NewObject {
  readonly bucket: string;
  readonly name: string;
  readonly storageClass: string;
  readonly settings: Settings;
  readonly conditions: Conditions;
  /** Set for composed objects, which have no MD5. */
  readonly componentCount?: number;
}

interface Bucket {
  record: BucketRecord;
  readonly objects: ObjectIndex;
}

export class ObjectStore {
  readonly #dir: string;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();
  #lastGeneration = 0;

  constructor(dir: string, now: () => number) {
    this.#dir = dir;
    this.#now = now;
    rmSync(join(dir, 'incoming'), { recursive: true, force: true });
    mkdirSync(join(dir, 'incoming'), { recursive: true });
    mkdirSync(join(dir, 'buckets'), { recursive: true });
    for (const name of readdirSync(join(dir, 'buckets'))) this.#load(name);
  }

  buckets(): BucketRecord[] {
    return [...this.#buckets.values()].map(({ record }) => record);
  }

  /** The bucket; throws 404. */
  bucket(name: string): BucketRecord {
    return this.#bucket(name).record;
  }

  objects(bucket: string): ObjectIndex {
    return this.#bucket(bucket).objects;
  }

  createBucket(name: unknown, settings: Settings): BucketRecord {
    const valid = checkBucketName(name);
    if (this.#buckets.has(valid)) {
      throw new ApiError(
        409,
        'Your previous request to create the named bucket succeeded and you already own it.',
        {
          reason: 'conflict',
        },
      );
    }
    const nowMs = this.#now();
    const record = { name: valid, metageneration: 1, createMs: nowMs, updateMs: nowMs, settings };
    mkdirSync(join(this.#bucketDir(valid), 'objects'), { recursive: true });
    this.#writeBucket(record);
    this.#buckets.set(valid, { record, objects: new ObjectIndex() });
    return record;
  }

  /** Replaces the settings of a bucket. */
  updateBucket(name: string, conditions: Conditions, change: (settings: Settings) => Settings): BucketRecord {
    const bucket = this.#bucket(name);
    checkConditions(conditions, bucket.record);
    const record = {
      ...bucket.record,
      settings: change(bucket.record.settings),
      metageneration: bucket.record.metageneration + 1,
      updateMs: this.#now(),
    };
    this.#writeBucket(record);
    bucket.record = record;
    return record;
  }

  deleteBucket(name: string, conditions: Conditions): void {
    const { objects, record } = this.#bucket(name);
    checkConditions(conditions, record);
    if (objects.size > 0) {
      throw new ApiError(409, 'The bucket you tried to delete is not empty.', { reason: 'conflict' });
    }
    this.#buckets.delete(name);
    rmSync(this.#bucketDir(name), { recursive: true });
  }

  /** The object, in the generation if one is named; throws 404. */
  object(bucket: string, name: string, generation?: number): ObjectRecord {
    const record = this.#bucket(bucket).objects.get(name);
    if (record && (generation === undefined || generation === record.generation)) return record;
    const version = generation === undefined ? '' : `#${generation}`;
    throw new ApiError(404, `No such object: ${bucket}/${name}${version}`, { reason: 'notFound' });
  }

  /** A descriptor of the object's bytes; the caller closes it. */
  open(record: ObjectRecord): number {
    return openSync(this.#dataPath(record), 'r');
  }

  /** A place for bytes on their way in. */
  intake(): Intake {
    return new Intake(join(this.#dir, 'incoming', randomUUID()));
  }

  /** Makes or replaces an object of the bytes taken in, if the conditions hold. */
  commit(wanted: NewObject, intake: Intake): ObjectRecord {
    const { conditions, componentCount, bucket, name, storageClass, settings } = wanted;
    const objects = this.#bucket(bucket).objects;
    const before = objects.get(checkObjectName(name));
    checkConditions(conditions, before);
    const nowMs = this.#now();
    this.#lastGeneration = Math.max(this.#lastGeneration + 1, nowMs * 1000);
    const { crc32c, md5 } = intake.hashes;
    const record: ObjectRecord = {
      bucket,
      name,
      generation: this.#lastGeneration,
      metageneration: 1,
      bytes: intake.bytes,
      crc32c,
      ...(componentCount === undefined ? { md5 } : { componentCount }),
      storageClass,
      createMs: nowMs,
      updateMs: nowMs,
      storageClassMs: nowMs,
      settings,
    };
    mkdirSync(this.#objectDir(record), { recursive: true });
    intake.moveTo(this.#dataPath(record));
    this.#writeObject(record);
    objects.put(record);
    if (before) rmSync(this.#dataPath(before), { force: true });
    return record;
  }

  /** Changes what is known of an object, not its bytes. */
  update(
    before: ObjectRecord,
    change: Partial<Pick<ObjectRecord, 'settings' | 'storageClass'>>,
  ): ObjectRecord {
    const nowMs = this.#now();
    const record: ObjectRecord = {
      ...before,
      ...change,
      metageneration: before.metageneration + 1,
      updateMs: nowMs,
      ...(change.storageClass === undefined ? {} : { storageClassMs: nowMs }),
    };
    this.#writeObject(record);
    this.#bucket(before.bucket).objects.put(record);
    return record;
  }

  remove(record: ObjectRecord): void {
    rmSync(this.#metaPath(record));
    this.#bucket(record.bucket).objects.remove(record.name);
    rmSync(this.#dataPath(record), { force: true });
  }

  #bucket(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (bucket) return bucket;
    throw new ApiError(404, 'The specified bucket does not exist.', { reason: 'notFound' });
  }

  #load(name: string): void {
    const path = join(this.#bucketDir(name), 'bucket.json');
    if (!existsSync(path)) {
      // The process died between making the folder and the file: the bucket was not acknowledged.
      rmSync(this.#bucketDir(name), { recursive: true });
      return;
    }
    const record = JSON.parse(readFileSync(path, 'utf8')) as BucketRecord;
    const objects = new ObjectIndex();
    this.#buckets.set(name, { record, objects });
    const root = join(this.#bucketDir(name), 'objects');
    for (const folder of readdirSync(root)) this.#loadFolder(join(root, folder), objects);
  }

  #loadFolder(folder: string, objects: ObjectIndex): void {
    const files = readdirSync(folder);
    const named = new Set<string>();
    for (const file of files) {
      if (!file.endsWith('.json')) continue;
      const record = JSON.parse(readFileSync(join(folder, file), 'utf8')) as ObjectRecord;
      objects.put(record);
      this.#lastGeneration = Math.max(this.#lastGeneration, record.generation);
      named.add(file).add(`${file.slice(0, -5)}.${record.generation}`);
    }
    for (const file of files) if (!named.has(file)) rmSync(join(folder, file));
  }

  #writeBucket(record: BucketRecord): void {
    this.#replace(join(this.#bucketDir(record.name), 'bucket.json'), record);
  }

  #writeObject(record: ObjectRecord): void {
    this.#replace(this.#metaPath(record), record);
  }

  #replace(path: string, record: unknown): void {
    writeFileSync(`${path}.new`, JSON.stringify(record));
    renameSync(`${path}.new`, path);
  }

  #bucketDir(name: string): string {
    return join(this.#dir, 'buckets', name);
  }

  #objectDir({ bucket, name }: ObjectRecord): string {
    return join(this.#bucketDir(bucket), 'objects', placeOf(name).folder);
  }

  #metaPath(record: ObjectRecord): string {
    return join(this.#objectDir(record), `${placeOf(record.name).file}.json`);
  }

  #dataPath(record: ObjectRecord): string {
    return join(this.#objectDir(record), `${placeOf(record.name).file}.${record.generation}`);
  }
}
