/**
 * What an instance of a prediction request may be, checked at the border: the windows of a service, as numbers or packed,
 * or a message. The error names the instance, the value and what is allowed. Packed windows are base64 of float32, little
 * end first: three fifths of the bytes, read in a fifth of the time.
 */
import { FEATURES, SEQUENCE } from '../features.ts';

/** The last windows of a service, oldest first, each 16 features. */
export interface WindowsInstance {
  readonly kind: 'windows';
  readonly service: string | null;
  /** SEQUENCE × FEATURES values; what is missing at the front is 0. */
  readonly values: Float32Array;
}

export interface MessageInstance {
  readonly kind: 'message';
  readonly message: string;
}

export type Instance = WindowsInstance | MessageInstance;

/** What a caller did wrong; answered with 400. */
export class InstanceError extends Error {
  override readonly name = 'InstanceError';
}

/** Most instances of one request. */
export const MAX_INSTANCES = 1024;
/** Longest message, in characters; the model reads the first 64 pieces of it. */
export const MAX_MESSAGE = 100_000;
/** Features are logarithms, rates and counts; nothing greater has a meaning. */
const MAX_VALUE = 1e6;

/** Reads the body of a request. Throws InstanceError. */
export function readInstances(body: unknown): Instance[] {
  const instances = isObject(body) ? body.instances : undefined;
  if (!Array.isArray(instances)) throw new InstanceError('the body must be {"instances": […]}');
  if (instances.length === 0) throw new InstanceError('instances is empty; allowed: 1 to 1024');
  if (instances.length > MAX_INSTANCES)
    throw new InstanceError(`instances has ${instances.length} entries; allowed: 1 to ${MAX_INSTANCES}`);
  return instances.map((instance, index) => readInstance(instance, `instances[${index}]`));
}

function readInstance(instance: unknown, at: string): Instance {
  if (!isObject(instance))
    throw new InstanceError(`${at} must be an object with "windows", "packed" or "message"`);
  if (instance.message !== undefined) return readMessage(instance.message, at);
  if (instance.windows !== undefined) return readWindows(instance, at);
  if (instance.packed !== undefined) return readPacked(instance, at);
  throw new InstanceError(`${at} has none of "windows", "packed", "message"`);
}

function readMessage(message: unknown, at: string): MessageInstance {
  if (typeof message !== 'string' || message.length > MAX_MESSAGE)
    throw new InstanceError(`${at}.message must be a string of at most ${MAX_MESSAGE} characters`);
  if (message.trim() === '') throw new InstanceError(`${at}.message is empty`);
  return { kind: 'message', message };
}

function readService(service: unknown, at: string): string | null {
  if (service === undefined || service === null) return null;
  if (typeof service === 'string') return service;
  throw new InstanceError(`${at}.service must be a string`);
}

const WINDOW_BYTES = FEATURES.length * Float32Array.BYTES_PER_ELEMENT;

/** null: it holds something else than base64, which Node would pass over. */
function decoded(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  const padding = text.endsWith('==') ? 2 : Number(text.endsWith('='));
  return bytes.length === Math.floor(((text.length - padding) * 3) / 4) ? bytes : null;
}

function readPacked({ service, packed }: Record<string, unknown>, at: string): WindowsInstance {
  const bytes = typeof packed === 'string' ? decoded(packed) : null;
  const steps = (bytes?.length ?? 0) / WINDOW_BYTES;
  if (bytes === null || steps < 1 || steps > SEQUENCE || !Number.isInteger(steps))
    throw new InstanceError(
      `${at}.packed must be base64 of 1 to ${SEQUENCE} windows of ${FEATURES.length} float32 each, oldest first; it ${bytes === null ? `is ${typeof packed === 'string' ? 'no base64' : typeof packed}` : `has ${bytes.length} bytes`}`,
    );
  const values = new Float32Array(SEQUENCE * FEATURES.length);
  const first = values.length - steps * FEATURES.length;
  // The container's machine is little-endian, as all that Vertex AI has.
  new Uint8Array(values.buffer).set(bytes, first * Float32Array.BYTES_PER_ELEMENT);
  for (let index = first; index < values.length; index++) {
    if (Math.abs(values[index]!) <= MAX_VALUE) continue;
    const step = Math.floor((index - first) / FEATURES.length);
    throw new InstanceError(
      `${at}.packed: window ${step}, ${FEATURES[index % FEATURES.length]} must be a number from −1e6 to 1e6; it is ${values[index]}`,
    );
  }
  return { kind: 'windows', service: readService(service, at), values };
}

function readWindows({ service, windows }: Record<string, unknown>, at: string): WindowsInstance {
  const name = readService(service, at);
  if (!Array.isArray(windows) || windows.length < 1 || windows.length > SEQUENCE)
    throw new InstanceError(
      `${at}.windows must be a list of 1 to ${SEQUENCE} windows, oldest first; it ${lengthOf(windows)}`,
    );
  const values = new Float32Array(SEQUENCE * FEATURES.length);
  const first = SEQUENCE - windows.length;
  for (let step = 0; step < windows.length; step++) {
    const window: unknown = windows[step];
    if (!Array.isArray(window) || window.length !== FEATURES.length)
      throw new InstanceError(
        `${at}.windows[${step}] must be a list of ${FEATURES.length} numbers; it ${lengthOf(window)}`,
      );
    for (let feature = 0; feature < FEATURES.length; feature++) {
      const value: unknown = window[feature];
      if (typeof value !== 'number' || !(Math.abs(value) <= MAX_VALUE))
        throw new InstanceError(
          `${at}.windows[${step}][${feature}] (${FEATURES[feature]}) must be a number from −1e6 to 1e6; it is ${JSON.stringify(value)?.slice(0, 40)}`,
        );
      values[(first + step) * FEATURES.length + feature] = value;
    }
  }
  return { kind: 'windows', service: name, values };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const lengthOf = (value: unknown): string =>
  Array.isArray(value) ? `has ${value.length}` : `is ${value === null ? 'null' : typeof value}`;
