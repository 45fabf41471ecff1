/**
 * Puts the dataset before the names of our own tables, views and functions: a view of BigQuery must name the dataset
 * of what it reads, and our files, which are the same for every dataset, leave it out (or say `logweir`).
 */
import { isWord, type Token, tokensOf } from './token.ts';

/** The dataset that files may name. */
const WRITTEN = 'logweir';

/** Words after which a name is one of a table, view or function. */
const BEFORE = ['FROM', 'JOIN', 'TABLE', 'VIEW', 'FUNCTION', 'EXISTS', 'INTO', 'ON', 'MERGE', 'UPDATE'];

export interface Qualified {
  readonly sql: string;
  /** Our own names that the statement mentions, its own among them. */
  readonly names: ReadonlySet<string>;
}

/** The statement with its names qualified; `known` are the names of all our tables, views and functions. */
export function qualify(sql: string, dataset: string, known: ReadonlySet<string>): Qualified {
  const tokens = tokensOf(sql);
  const local = commonTables(tokens);
  const names = new Set<string>();
  let text = '';
  let at = 0;
  tokens.forEach((token, i) => {
    if (token.kind !== 'word' && token.kind !== 'name') return;
    const whole = token.text.startsWith(`${WRITTEN}.`);
    const name = whole ? token.text.slice(WRITTEN.length + 1) : token.text;
    const ours = known.has(name);
    if (!ours && name !== 'INFORMATION_SCHEMA') return;
    const written = sign(tokens[i - 1], '.') && tokens[i - 2]?.text === WRITTEN ? tokens[i - 2] : undefined;
    const bare = ours && !sign(tokens[i - 1], '.') && !sign(tokens[i + 1], '.') && !local.has(name);
    const named = bare && BEFORE.some((word) => isWord(tokens[i - 1], word));
    const called = bare && sign(tokens[i + 1], '(');
    if (!whole && !written && !named && !called) return;
    if (ours) names.add(name);
    text += `${sql.slice(at, written?.start ?? token.start)}\`${dataset}\`.${ours ? `\`${name}\`` : name}`;
    at = token.end;
  });
  return { sql: text + sql.slice(at), names };
}

/** Names that the statement itself gives: `WITH name AS (`. */
function commonTables(tokens: readonly Token[]): ReadonlySet<string> {
  const names = new Set<string>();
  tokens.forEach((token, i) => {
    if (isWord(tokens[i + 1], 'AS') && sign(tokens[i + 2], '(')) names.add(token.text);
  });
  return names;
}

const sign = (token: Token | undefined, text: string): boolean =>
  token?.kind === 'sign' && token.text === text;
