/**
 * Buckets and objects as they are kept, and as the JSON API shows them. Pure.
 * Source: https://cloud.google.com/storage/docs/json_api/v1/objects#resource and …/buckets#resource
 */

/** Fields of a resource that its owner sets, as JSON. */
export type Settings = Readonly<Record<string, unknown>>;

export interface BucketRecord {
  readonly name: string;
  readonly metageneration: number;
  readonly createMs: number;
  readonly updateMs: number;
  readonly settings: Settings;
}

export interface ObjectRecord {
  readonly bucket: string;
  readonly name: string;
  /** Microseconds since the epoch, rising. */
  readonly generation: number;
  readonly metageneration: number;
  readonly bytes: number;
  /** Base64. */
  readonly crc32c: string;
  /** Base64; absent in composed objects. */
  readonly md5?: string;
  readonly componentCount?: number;
  readonly storageClass: string;
  readonly createMs: number;
  readonly updateMs: number;
  readonly storageClassMs: number;
  readonly settings: Settings;
}

/** What an object's owner may set and change. */
const OBJECT_SETTINGS = [
  'contentType',
  'contentEncoding',
  'contentDisposition',
  'contentLanguage',
  'cacheControl',
  'customTime',
  'metadata',
  'eventBasedHold',
  'temporaryHold',
];

/** What a bucket's owner may not set by insert or patch. */
const BUCKET_FIXED = [
  'kind',
  'id',
  'name',
  'metageneration',
  'timeCreated',
  'updated',
  'etag',
  'selfLink',
  'projectNumber',
];

const STORAGE_CLASSES = [
  'STANDARD',
  'NEARLINE',
  'COLDLINE',
  'ARCHIVE',
  'MULTI_REGIONAL',
  'REGIONAL',
  'DURABLE_REDUCED_AVAILABILITY',
];

export function isStorageClass(value: unknown): value is string {
  return typeof value === 'string' && STORAGE_CLASSES.includes(value);
}

/** The settings in an object resource sent by a client. */
export function objectSettings(json: Settings): Settings {
  return Object.fromEntries(
    OBJECT_SETTINGS.filter((field) => json[field] !== undefined && json[field] !== null).map((field) => [
      field,
      json[field],
    ]),
  );
}

/** The part of a patch that may change an object. */
export function objectPatch(json: Settings): Settings {
  return Object.fromEntries(Object.entries(json).filter(([field]) => OBJECT_SETTINGS.includes(field)));
}

export function bucketSettings(json: Settings): Settings {
  return Object.fromEntries(Object.entries(json).filter(([field]) => !BUCKET_FIXED.includes(field)));
}

/** JSON merge patch (RFC 7386): null takes a field out, objects are merged. */
export function mergePatch(base: Settings, patch: Settings): Settings {
  const merged: Record<string, unknown> = { ...base };
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) delete merged[field];
    else if (isObject(value)) merged[field] = mergePatch(isObject(merged[field]) ? merged[field] : {}, value);
    else merged[field] = value;
  }
  return merged;
}

/** As the API shows an object; `origin` is where the client reached us. */
export function formatObject(record: ObjectRecord, origin: string): Settings {
  const { bucket, name, generation, metageneration, md5, componentCount } = record;
  const path = `b/${bucket}/o/${encodeURIComponent(name)}`;
  return {
    kind: 'storage#object',
    id: `${bucket}/${name}/${generation}`,
    selfLink: `${origin}/storage/v1/${path}`,
    mediaLink: `${origin}/download/storage/v1/${path}?generation=${generation}&alt=media`,
    name,
    bucket,
    generation: String(generation),
    metageneration: String(metageneration),
    ...record.settings,
    storageClass: record.storageClass,
    size: String(record.bytes),
    crc32c: record.crc32c,
    ...(md5 === undefined ? {} : { md5Hash: md5 }),
    ...(componentCount === undefined ? {} : { componentCount }),
    etag: etagOf(generation, metageneration),
    timeCreated: new Date(record.createMs).toISOString(),
    updated: new Date(record.updateMs).toISOString(),
    timeStorageClassUpdated: new Date(record.storageClassMs).toISOString(),
    timeFinalized: new Date(record.createMs).toISOString(),
  };
}

export function formatBucket(record: BucketRecord, origin: string): Settings {
  const { name, metageneration } = record;
  return {
    kind: 'storage#bucket',
    id: name,
    selfLink: `${origin}/storage/v1/b/${name}`,
    projectNumber: '0',
    location: 'US',
    locationType: 'multi-region',
    storageClass: 'STANDARD',
    iamConfiguration: { uniformBucketLevelAccess: { enabled: true }, publicAccessPrevention: 'inherited' },
    ...record.settings,
    name,
    metageneration: String(metageneration),
    etag: etagOf(metageneration),
    timeCreated: new Date(record.createMs).toISOString(),
    updated: new Date(record.updateMs).toISOString(),
  };
}

/** The storage class that new objects of a bucket get. */
export function defaultStorageClass(bucket: BucketRecord): string {
  const { storageClass } = bucket.settings;
  return isStorageClass(storageClass) ? storageClass : 'STANDARD';
}

function etagOf(...numbers: number[]): string {
  return Buffer.from(numbers.join('/')).toString('base64');
}

function isObject(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
