/**
 * State per key: values, lists and maps, each under a name, optionally with a time to live. Pure: the clock is an
 * argument, so that a replay can count by event time.
 *
 * Guarantee: what has expired is never read, and goes away when it is met, by `sweep` a little at a time, and at
 * the latest when a snapshot is taken. Elements of a list and entries of a map expire one by one. States of one
 * key never see those of another.
 * Under pressure: memory is keys × what is kept for them; `sweep` bounds what expired state adds.
 * Source: Flink's ValueState, ListState, MapState and StateTtlConfig.
 */

/** How long state lives. */
export interface TimeToLive {
  /** In ms since it was last written, or read if `refreshOnRead`. At this age it is gone. */
  readonly ttlMs: number;
  /** Reading counts as writing. Default false. */
  readonly refreshOnRead?: boolean;
}

/** Names a state and the type of its values, which are JSON values. */
export interface StateDescriptor<Kind extends 'value' | 'list' | 'map', T> {
  readonly kind: Kind;
  readonly name: string;
  readonly ttl: TimeToLive | null;
  /** For the type alone; never set. */
  readonly values?: T;
}

/** One value a key: `valueState<number>('failures', { ttlMs: hours(1) })`. */
export const valueState = <T>(name: string, ttl: TimeToLive | null = null) =>
  describe<'value', T>('value', name, ttl);

/** A list a key. */
export const listState = <T>(name: string, ttl: TimeToLive | null = null) =>
  describe<'list', T>('list', name, ttl);

/** A map a key, from text. */
export const mapState = <T>(name: string, ttl: TimeToLive | null = null) =>
  describe<'map', T>('map', name, ttl);

function describe<Kind extends 'value' | 'list' | 'map', T>(
  kind: Kind,
  name: string,
  ttl: TimeToLive | null,
): StateDescriptor<Kind, T> {
  if (ttl !== null && !(ttl.ttlMs > 0))
    throw new RangeError(`time to live of state ${name} must be a positive number of ms, not ${ttl.ttlMs}`);
  return { kind, name, ttl };
}

export interface ValueState<T> {
  /** null: there is none. */
  value(): T | null;
  update(value: T): void;
  clear(): void;
}

export interface ListState<T> {
  get(): readonly T[];
  add(value: T): void;
  /** Replaces all. */
  update(values: readonly T[]): void;
  clear(): void;
}

export interface MapState<T> {
  /** null: there is none. */
  get(key: string): T | null;
  put(key: string, value: T): void;
  has(key: string): boolean;
  remove(key: string): void;
  /** In order of first being put. */
  entries(): readonly (readonly [string, T])[];
  clear(): void;
}

/** An entry and when it was last written, by the clock. */
interface Entry {
  readonly value: unknown;
  atMs: number;
}

/** Entries of one state of one key: '' for a value, ascending numbers for a list, its own keys for a map. */
type Entries = Map<string | number, Entry>;

/** State as data: key, name, and [entry, value, time written] each. */
export type StateSnapshot = readonly (readonly [
  string,
  string,
  readonly (readonly [string | number, unknown, number])[],
])[];

export class KeyedState {
  readonly #clock: () => number;
  readonly #keys = new Map<string, Map<string, Entries>>();
  readonly #ttls = new Map<string, TimeToLive | null>();
  /** Of list elements, over all lists. */
  #nextIndex = 0;
  #sweeping: IterableIterator<[string, Map<string, Entries>]>;
  /** The key that all states read and write. */
  key = '';

  /** `clock` gives the time in ms that times to live are counted by. */
  constructor(clock: () => number) {
    this.#clock = clock;
    this.#sweeping = this.#keys.entries();
  }

  value<T>(descriptor: StateDescriptor<'value', T>): ValueState<T> {
    this.#know(descriptor);
    const { name } = descriptor;
    return {
      value: () => this.#read(name, '') as T | null,
      update: (value) => this.#write(name, '', value),
      clear: () => this.#clear(name),
    };
  }

  list<T>(descriptor: StateDescriptor<'list', T>): ListState<T> {
    this.#know(descriptor);
    const { name } = descriptor;
    const add = (value: T): void => this.#write(name, this.#nextIndex++, value);
    return {
      get: () => this.#readAll(name).map(([, value]) => value as T),
      add,
      update: (values) => {
        this.#clear(name);
        values.forEach(add);
      },
      clear: () => this.#clear(name),
    };
  }

  map<T>(descriptor: StateDescriptor<'map', T>): MapState<T> {
    this.#know(descriptor);
    const { name } = descriptor;
    return {
      get: (key) => this.#read(name, key) as T | null,
      put: (key, value) => this.#write(name, key, value),
      has: (key) => this.#live(name, key) !== null,
      remove: (key) => this.#remove(name, key),
      entries: () => this.#readAll(name).map(([key, value]) => [String(key), value as T] as const),
      clear: () => this.#clear(name),
    };
  }

  /** How many keys have state, expired or not. */
  get size(): number {
    return this.#keys.size;
  }

  /** Looks at the next few keys and drops what expired. Call it often with a small number. */
  sweep(keys: number): void {
    for (let left = Math.min(keys, this.#keys.size); left > 0; left--) {
      const next = this.#sweeping.next();
      if (next.done) {
        this.#sweeping = this.#keys.entries();
        continue;
      }
      this.#sweepKey(next.value[0], next.value[1]);
    }
  }

  /** All state that has not expired. */
  snapshot(): StateSnapshot {
    for (const [key, states] of this.#keys) this.#sweepKey(key, states);
    return [...this.#keys].flatMap(([key, states]) =>
      [...states].map(
        ([name, entries]) =>
          [key, name, [...entries].map(([at, { value, atMs }]) => [at, value, atMs] as const)] as const,
      ),
    );
  }

  /** Takes over what `snapshot` gave. */
  restore(snapshot: StateSnapshot): void {
    for (const [key, name, entries] of snapshot) {
      const states = this.#keys.get(key) ?? new Map<string, Entries>();
      states.set(name, new Map(entries.map(([at, value, atMs]) => [at, { value, atMs }])));
      this.#keys.set(key, states);
      for (const [at] of entries)
        if (typeof at === 'number') this.#nextIndex = Math.max(this.#nextIndex, at + 1);
    }
  }

  #know({ kind, name, ttl }: StateDescriptor<'value' | 'list' | 'map', unknown>): void {
    if (name === '') throw new RangeError(`${kind} state must have a name`);
    this.#ttls.set(name, ttl);
  }

  #entries(name: string): Entries | undefined {
    return this.#keys.get(this.key)?.get(name);
  }

  #hasExpired(name: string, entry: Entry): boolean {
    const ttl = this.#ttls.get(name);
    return ttl != null && this.#clock() - entry.atMs >= ttl.ttlMs;
  }

  #live(name: string, at: string | number): Entry | null {
    const entry = this.#entries(name)?.get(at);
    if (entry === undefined) return null;
    if (!this.#hasExpired(name, entry)) return entry;
    this.#remove(name, at);
    return null;
  }

  #read(name: string, at: string | number): unknown {
    const entry = this.#live(name, at);
    if (entry === null) return null;
    if (this.#ttls.get(name)?.refreshOnRead) entry.atMs = this.#clock();
    return entry.value;
  }

  #readAll(name: string): [string | number, unknown][] {
    return [...(this.#entries(name)?.keys() ?? [])].flatMap((at): [string | number, unknown][] =>
      this.#live(name, at) === null ? [] : [[at, this.#read(name, at)]],
    );
  }

  #write(name: string, at: string | number, value: unknown): void {
    let states = this.#keys.get(this.key);
    if (states === undefined) {
      states = new Map();
      this.#keys.set(this.key, states);
    }
    let entries = states.get(name);
    if (entries === undefined) {
      entries = new Map();
      states.set(name, entries);
    }
    entries.set(at, { value, atMs: this.#clock() });
  }

  #remove(name: string, at: string | number): void {
    const entries = this.#entries(name);
    if (entries?.delete(at) && entries.size === 0) this.#clear(name);
  }

  #clear(name: string): void {
    const states = this.#keys.get(this.key);
    if (states?.delete(name) && states.size === 0) this.#keys.delete(this.key);
  }

  #sweepKey(key: string, states: Map<string, Entries>): void {
    for (const [name, entries] of states) {
      for (const [at, entry] of entries) if (this.#hasExpired(name, entry)) entries.delete(at);
      if (entries.size === 0) states.delete(name);
    }
    if (states.size === 0) this.#keys.delete(key);
  }
}
