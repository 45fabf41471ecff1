import { type Emulator, findJar, startEmulator as start } from '../google-emulator.ts';

/** Path of Google's Pub/Sub emulator, undefined when it or Java is not installed. */
export const findEmulator = (): string | undefined =>
  findJar('pubsub-emulator/lib', /^cloud-pubsub-emulator-.*-all\.jar$/);

/** Starts it on a free port. */
export const startEmulator = (jar: string): Promise<Emulator> =>
  start(['-jar', jar], 'Server started, listening');
