/** Kinds of settings: how the text of an environment variable is read, and what is allowed, in words. */
export interface Kind<T> {
  /** What is allowed, for messages and help. */
  readonly allowed: string;
  /** The value, or undefined when the text is not allowed. */
  parse(text: string): T | undefined;
  /** The value is never printed. */
  readonly secret?: true;
}

/** One setting: a row of the table in functions/config.ts. */
export interface Setting<T> {
  /** Name of the environment variable; all start with LOGWEIR_. */
  readonly env: string;
  /** Default, as one would write it in the environment; none: the setting is required. */
  readonly default?: string;
  readonly kind: Kind<T>;
  readonly meaning: string;
}

export const setting = <T>(
  env: string,
  kind: Kind<T>,
  fallback: string | undefined,
  meaning: string,
): Setting<T> =>
  fallback === undefined ? { env, kind, meaning } : { env, kind, default: fallback, meaning };

/** A name of a Google Cloud resource, database or e-mail: no white space, no slash. */
export const name: Kind<string> = {
  allowed: 'a name without white space or slashes',
  parse: (text) => (/^[^\s/]+$/.test(text) ? text : undefined),
};

/** A policy tag of Data Catalog. */
export const policyTag: Kind<string> = {
  allowed: 'projects/…/locations/…/taxonomies/…/policyTags/…',
  parse: (text) =>
    /^projects\/[^\s/]+\/locations\/[^\s/]+\/taxonomies\/[^\s/]+\/policyTags\/[^\s/]+$/.test(text)
      ? text
      : undefined,
};

/** Name of a container image: no white space. */
export const image: Kind<string> = {
  allowed: 'the name of a container image',
  parse: (text) => (/^[\w.:/@-]+$/.test(text) ? text : undefined),
};

/** An http or https URL. */
export const httpUrl: Kind<string> = {
  allowed: 'an http:// or https:// URL',
  parse: (text) => (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) ? text : undefined),
};

/** An address such as 127.0.0.1:8704. */
export const hostPort: Kind<{ readonly host: string; readonly port: number }> = {
  allowed: 'host:port',
  parse(text) {
    const match = /^([\w.-]+):(\d{1,5})$/.exec(text);
    const port = Number(match?.[2]);
    return match && port > 0 && port < 65_536 ? { host: match[1]!, port } : undefined;
  },
};

/** A secret of at least `least` characters, or empty: null. */
export const secret = (least: number): Kind<string | null> => ({
  allowed: `at least ${least} characters, or empty`,
  secret: true,
  parse: (text) => (text === '' ? null : text.length >= least ? text : undefined),
});

/** Words with a meaning, by name: `name=word` pairs separated by commas, or empty. */
export const pairs = <W extends string>(...words: readonly W[]): Kind<Readonly<Record<string, W>>> => ({
  allowed: `name=word pairs separated by commas, words of ${words.join(', ')}, or empty`,
  parse(text) {
    const all = text.split(',').filter((one) => one.trim() !== '');
    const read = all.map((one) => one.split('=').map((part) => part.trim()));
    const good = read.every((one) => one.length === 2 && one[0] !== '' && words.includes(one[1] as W));
    return good ? (Object.fromEntries(read) as Record<string, W>) : undefined;
  },
});

/** Values by name: `name=value` pairs separated by commas, or empty. */
export const named = <T>(kind: Kind<T>): Kind<Readonly<Record<string, T>>> => ({
  allowed: `name=value pairs separated by commas, each value ${kind.allowed}; or empty`,
  parse(text) {
    const read = text
      .split(',')
      .filter((one) => one.trim() !== '')
      .map((one) => {
        const [name = '', value, ...more] = one.split('=').map((part) => part.trim());
        return [name, value === undefined || more.length > 0 ? undefined : kind.parse(value)] as const;
      });
    if (read.some(([name, value]) => name === '' || value === undefined)) return undefined;
    return Object.fromEntries(read) as Record<string, T>;
  },
});

/** As `kind`, or empty: null. */
export const optional = <T>(kind: Kind<T>): Kind<T | null> => ({
  allowed: `${kind.allowed}, or empty`,
  parse: (text) => (text === '' ? null : kind.parse(text)),
});

/** One or more of the words, separated by commas. */
export const choice = <W extends string>(...words: readonly W[]): Kind<readonly W[]> => ({
  allowed: `one or more of ${words.join(', ')}, separated by commas`,
  parse(text) {
    const chosen = text.split(',').map((word) => word.trim());
    return chosen.every((word): word is W => words.includes(word as W)) ? chosen : undefined;
  },
});

/** One of the words. */
export const word = <W extends string>(...words: readonly W[]): Kind<W> => ({
  allowed: words.join(' or '),
  parse: (text) => words.find((one) => one === text),
});

/** A whole number in [min, max]. */
export const number = (min: number, max: number): Kind<number> => ({
  allowed: `a whole number from ${min} to ${max}`,
  parse: (text) => (/^\d+$/.test(text) ? within(Number(text), min, max) : undefined),
});

const DURATIONS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A duration such as 500ms, 10s, 5m, 1h or 7d; the value is in ms. */
export const duration = (minMs: number, maxMs: number): Kind<number> => ({
  allowed: `a duration from ${formatDuration(minMs)} to ${formatDuration(maxMs)} (ms, s, m, h, d)`,
  parse: (text) => withUnit(text, DURATIONS, minMs, maxMs),
});

const SIZES = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;

/** A size such as 512KiB or 64MiB; the value is in bytes. */
export const bytes = (min: number, max: number): Kind<number> => ({
  allowed: `a size from ${formatUnit(min, SIZES)} to ${formatUnit(max, SIZES)} (B, KiB, MiB, GiB)`,
  parse: (text) => withUnit(text, SIZES, min, max),
});

/** `formatDuration(60000)` is "1m": the largest unit that divides it. */
export const formatDuration = (ms: number): string => formatUnit(ms, DURATIONS);
/** `formatBytes(1024)` is "1KiB". */
export const formatBytes = (bytes: number): string => formatUnit(bytes, SIZES);

function withUnit(
  text: string,
  units: Readonly<Record<string, number>>,
  min: number,
  max: number,
): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([A-Za-z]+)$/.exec(text.trim());
  const factor = units[match?.[2] ?? ''];
  return match && factor !== undefined ? within(Math.round(Number(match[1]) * factor), min, max) : undefined;
}

const within = (value: number, min: number, max: number): number | undefined =>
  value >= min && value <= max ? value : undefined;

function formatUnit(value: number, units: Readonly<Record<string, number>>): string {
  const [unit, factor] =
    Object.entries(units).findLast(([, size]) => value % size === 0 && value >= size) ??
    Object.entries(units)[0]!;
  return `${value / factor}${unit}`;
}
