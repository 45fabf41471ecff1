import { type Emulator, findJar, startEmulator as start } from '../google-emulator.ts';

const MAIN = 'com.google.cloud.datastore.emulator.firestore.CloudFirestore';

/** Path of Google's Firestore emulator, undefined when it or Java is not installed. */
export const findEmulator = (): string | undefined =>
  findJar('cloud-firestore-emulator', /^cloud-firestore-emulator\.jar$/);

/** Starts it on a free port. */
export const startEmulator = (jar: string): Promise<Emulator> => start(['-cp', jar, MAIN], 'is now running');
