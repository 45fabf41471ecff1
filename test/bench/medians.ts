/** What several runs of a bench printed, as one: lines that differ in their numbers alone become the medians of these. Pure. */

export interface Line {
  /** As printed, with medians in place of the numbers. */
  readonly text: string;
  /** The numbers of the line over the runs; none where the lines of the runs differ in more. */
  readonly numbers: readonly { readonly median: number; readonly least: number; readonly most: number }[];
}

/** A number by itself, with thousands and decimals; not the digits of a name such as p99, utf8 or 2026-11-21. */
const NUMBER = /(?<![\w.-])-?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\w-])|(?<![\w.,-])-?\d+(?:\.\d+)?(?![\w-])/g;

/** Lines of the runs, one text a run. */
export function mediansOf(runs: readonly string[]): Line[] {
  const [first = [], ...others] = runs.map((text) => text.trimEnd().split('\n'));
  return first.map((text, i) => {
    const all = [text, ...others.map((lines) => lines[i] ?? '')];
    const alike = all.every((one) => skeleton(one) === skeleton(text));
    return alike ? merged(all) : { text, numbers: [] };
  });
}

/** Blanks do not count: numbers are set flush right. */
const skeleton = (text: string): string => text.replace(NUMBER, '#').replace(/\s+/g, ' ');

function merged(lines: readonly [string, ...string[]] | readonly string[]): Line {
  const found = lines.map((one) =>
    (one.match(NUMBER) ?? []).map((token) => Number(token.replaceAll(',', ''))),
  );
  const numbers = (found[0] ?? []).map((_, at) => {
    const sorted = found.map((one) => one[at]!).sort((a, b) => a - b);
    return { median: sorted[(sorted.length - 1) >> 1]!, least: sorted[0]!, most: sorted.at(-1)! };
  });
  let at = 0;
  // With the blanks before it, a number stays flush right.
  const padded = new RegExp(` *(?:${NUMBER.source})`, 'g');
  const text = lines[0]!.replace(padded, (token) => formatted(numbers[at++]!.median, token));
  return { text, numbers };
}

/** As the token that it stands for: as many decimals, thousands, and as wide, blanks and all. */
function formatted(value: number, like: string): string {
  const decimals = like.split('.')[1]?.length ?? 0;
  const text = value.toFixed(decimals);
  const grouped = like.includes(',') ? text.replace(/\B(?<!\.\d*)(?=(\d{3})+(?!\d))/g, ',') : text;
  return (like.startsWith(' ') ? ` ${grouped}` : grouped).padStart(like.length);
}
