/**
 * What is searched for: `disk "no space" -debug region=eu`. A word is found as BigQuery's SEARCH finds it, whole and in
 * any case, split at the same delimiters, in the message and in the labels; words in quotes stand side by side.
 * Source: LOG_ANALYZER, https://cloud.google.com/bigquery/docs/reference/standard-sql/text-analysis
 */
export interface Phrase {
  /** In lower case, at least one. */
  readonly tokens: readonly string[];
  readonly not: boolean;
}

export interface LabelValue {
  readonly label: string;
  readonly value: string;
  readonly not: boolean;
}

export interface Words {
  readonly phrases: readonly Phrase[];
  readonly labels: readonly LabelValue[];
}

const MAX_TERMS = 20;
/** The backquote is a quote to SEARCH. */
const DELIMITERS = /[[\]<>(){}|!;,'"*&?+/:=@.\-$%\\_\n\r\s`]+/;
const TERM = /(-?)(?:"([^"]*)"?|(\S+))/g;
const PAIR = /^([A-Za-z_][\w.-]*)=(.+)$/;

/** Reads what somebody searches for; terms of delimiters alone are left out. */
export function wordsOf(query: string): Words {
  const phrases: Phrase[] = [];
  const labels: LabelValue[] = [];
  for (const [, minus, quoted, bare = ''] of query.matchAll(TERM)) {
    if (phrases.length + labels.length === MAX_TERMS) break;
    const not = minus === '-';
    const pair = quoted === undefined ? PAIR.exec(bare) : null;
    if (pair !== null) labels.push({ label: pair[1]!, value: pair[2]!, not });
    else {
      const tokens = tokensOf(quoted ?? bare);
      if (tokens.length > 0) phrases.push({ tokens, not });
    }
  }
  return { phrases, labels };
}

/** Only ASCII letters are alike in both cases. */
export const tokensOf = (text: string): string[] =>
  lower(text)
    .split(DELIMITERS)
    .filter((token) => token !== '');

export const lower = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** The query of SEARCH for a phrase. */
export const searchOf = ({ tokens }: Phrase): string => `"${tokens.join(' ')}"`;

/** Regular expression (RE2 and JavaScript) of a label with a value, in the text of a JSON object. */
export function labelPattern({ label, value }: LabelValue): string {
  const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const bare = /^(?:-?\d+(?:\.\d+)?|true|false|null)$/.test(value) ? `|${literal(value)}` : '';
  return `"${literal(label)}":(?:${literal(JSON.stringify(value))}${bare})[,}]`;
}
