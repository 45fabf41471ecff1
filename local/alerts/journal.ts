/** What the catchers caught, as lines of JSON in one file: written before it is acknowledged, read at the next start. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface Journal<T> {
  readonly entries: readonly T[];
  add(entry: T): void;
}

/** At most so many are kept; a file with twice as many is written anew. */
const KEPT = 2_000;

/** A last line that a killed process left half is passed over. */
export function openJournal<T>(file: string): Journal<T> {
  mkdirSync(dirname(file), { recursive: true });
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const entries = lines
    .slice(0, -1)
    .flatMap((line) => read<T>(line))
    .slice(-KEPT);
  const write = (): void => {
    writeFileSync(`${file}.part`, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    renameSync(`${file}.part`, file);
  };
  write();
  let written = entries.length;
  return {
    entries,
    add(entry) {
      appendFileSync(file, `${JSON.stringify(entry)}\n`);
      entries.push(entry);
      if (++written <= 2 * KEPT) return;
      entries.splice(0, entries.length - KEPT);
      write();
      written = entries.length;
    },
  };
}

function read<T>(line: string): T[] {
  try {
    return [JSON.parse(line) as T];
  } catch {
    return [];
  }
}
