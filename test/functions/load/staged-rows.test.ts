import { beforeEach, describe, expect, it } from 'vitest';
import { entriesOf } from '../../../functions/load/rescue.ts';
import { type StagedRows, stageRows } from '../../../functions/load/staged-rows.ts';
import type { LogEntry } from '../../../functions/parse/log-entry.ts';
import { logEntries } from '../../../functions/warehouse/tables.ts';
import { logEntry } from '../../log-entry.ts';

let stored: Map<string, Buffer>;
/** Ends the waits that are under way. */
let endWaits: (() => void)[];
let waited: number[];
let put: (name: string, body: Buffer) => Promise<void>;
let ids: number;
let staged: StagedRows<LogEntry>;

beforeEach(() => {
  stored = new Map();
  [endWaits, waited, ids] = [[], [], 0];
  put = async (name, body) => void stored.set(name, body);
  staged = stageRows(
    logEntries,
    {
      put: (name, body) => put(name, body),
      clock: () => 1_795_168_800_000,
      pause: (ms) => {
        waited.push(ms);
        return new Promise<void>((resolve) => endWaits.push(resolve));
      },
      newId: () => (ids++).toString(16).padStart(32, '0'),
    },
    { stagingWaitMs: 500, maxBytes: 100_000 },
  );
});

const batch = (id: string, lines = 2, message = ''): LogEntry[] =>
  Array.from({ length: lines }, (_, i) => logEntry({ insert_id: `${id}-${i}`, message }));
const idsIn = async (file: Buffer | undefined) => (await entriesOf(file!)).map(({ insert_id }) => insert_id);
const endWait = (): void => endWaits.shift()!();
/** A turn of the event loop: everything that could go on has. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('rows on their way into files', () => {
  it('go into one file with those of other batches that come within the wait', async () => {
    const writes = [staged.write(batch('a')), staged.write(batch('b', 1))];
    await turn();
    expect(stored.size).toBe(0);
    endWait();
    await Promise.all(writes);
    expect([...stored.keys()]).toEqual([`rows/log_entries/1795168800000-${'0'.repeat(32)}.avro`]);
    expect(await idsIn([...stored.values()][0])).toEqual(['a-0', 'a-1', 'b-0']);
    expect(waited).toEqual([500]);
  });

  it('go into the next file when they come while one is written', async () => {
    let finish: () => void = () => undefined;
    put = (name, body) =>
      new Promise((resolve) => {
        stored.set(name, body);
        finish = resolve;
      });
    const first = staged.write(batch('a'));
    endWait();
    await turn();
    const second = staged.write(batch('b'));
    finish();
    await first;
    expect(stored.size).toBe(1);
    endWait();
    await turn();
    finish();
    await second;
    expect(await Promise.all([...stored.values()].map(idsIn))).toEqual([
      ['a-0', 'a-1'],
      ['b-0', 'b-1'],
    ]);
  });

  it('do not wait when a file has grown large', async () => {
    const write = staged.write(batch('a', 3, 'x'.repeat(50_000)));
    await write;
    expect(stored.size).toBe(1);
    const next = staged.write(batch('b'));
    // The wait of the file that is written ends for nobody.
    endWait();
    await turn();
    expect(stored.size).toBe(1);
    endWait();
    await next;
    expect(stored.size).toBe(2);
  });

  it('that cannot be stored fail for every batch of the file, and for no other', async () => {
    put = async () => {
      throw new Error('storage is away');
    };
    const writes = [staged.write(batch('a')), staged.write(batch('b'))];
    endWait();
    const results = await Promise.allSettled(writes);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    put = async (name, body) => void stored.set(name, body);
    const next = staged.write(batch('c'));
    endWait();
    await next;
    expect(await idsIn([...stored.values()][0])).toEqual(['c-0', 'c-1']);
  });

  it('make no file when there are none', async () => {
    await staged.write([]);
    expect(waited).toEqual([]);
  });
});
