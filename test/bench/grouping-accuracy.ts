/**
 * Grouping accuracy of the patterns on data sets with known events, one configuration for all:
 *
 *     npx tsx test/bench/grouping-accuracy.ts [DIR] [--wrong SET]
 *
 * DIR (default: LOGWEIR_BENCH_DATA, else ../shared/data/loghub-2k) holds folders with a `*_structured_corrected.csv` (columns Content and EventId), as loghub-2k does. A line is
 * right when the lines that share its pattern are exactly the lines that share its event. `learned`: the catalogue
 * is built from the set's own messages first; `masked`: by the shape of the words alone, as in an empty system.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { learn } from '../../functions/parse/pattern/learn.ts';
import { maskedPattern } from '../../functions/parse/pattern/masked.ts';
import { createMatcher } from '../../functions/parse/pattern/matcher.ts';
import { recordsOf } from '../../local/patterns/csv.ts';
import { blocksOf } from '../../local/patterns/lines.ts';
import { dataDirectory } from './data-directory.ts';

const { values, positionals } = parseArgs({
  options: { wrong: { type: 'string' } },
  allowPositionals: true,
});
const directory = dataDirectory(positionals[0]);

interface DataSet {
  readonly contents: readonly string[];
  readonly events: readonly string[];
}

function readSet(path: string): DataSet {
  const [header, ...records] = recordsOf(blocksOf(path));
  const [content, event] = [header!.indexOf('Content'), header!.indexOf('EventId')];
  if (content === -1 || event === -1) throw new Error(`${path}: no column Content or EventId`);
  return { contents: records.map((r) => r[content]!), events: records.map((r) => r[event]!) };
}

function linesBy(keys: readonly string[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  keys.forEach((key, i) => {
    const lines = groups.get(key);
    if (lines === undefined) groups.set(key, [i]);
    else lines.push(i);
  });
  return groups;
}

/** Groups of predicted lines that are no event, largest first; and the share of lines in the others. */
function compare(events: readonly string[], patterns: readonly string[]) {
  const truth = linesBy(events);
  const groups = linesBy(patterns);
  let right = 0;
  const wrong: number[][] = [];
  for (const lines of groups.values()) {
    const event = truth.get(events[lines[0]!]!)!;
    if (event.length === lines.length && lines.every((line, i) => line === event[i])) right += lines.length;
    else wrong.push(lines);
  }
  return {
    accuracy: right / events.length,
    groups: groups.size,
    events: truth.size,
    wrong: wrong.sort((a, b) => b.length - a.length),
  };
}

const row = (...cells: readonly (string | number)[]): string =>
  cells.map((cell, i) => (i === 0 ? String(cell).padEnd(14) : String(cell).padStart(9))).join('');

if (directory === null) {
  console.log('no data sets: name their folder, or set LOGWEIR_BENCH_DATA');
  process.exit();
}

console.log(row('set', 'learned', 'masked', 'patterns', 'events'));
const sums = { sets: 0, learned: 0, masked: 0, least: 1, leastMasked: 1 };
for (const name of readdirSync(directory, { withFileTypes: true })) {
  const file = name.isDirectory()
    ? readdirSync(join(directory, name.name)).find((f) => f.endsWith('structured_corrected.csv'))
    : undefined;
  if (file === undefined) continue;
  const { contents, events } = readSet(join(directory, name.name, file));
  const match = createMatcher(learn(contents));
  const learned = compare(
    events,
    contents.map((content) => match(content).id),
  );
  const masked = compare(
    events,
    contents.map((content) => maskedPattern(content).id),
  );
  sums.sets++;
  sums.learned += learned.accuracy;
  sums.masked += masked.accuracy;
  sums.least = Math.min(sums.least, learned.accuracy);
  sums.leastMasked = Math.min(sums.leastMasked, masked.accuracy);
  console.log(
    row(name.name, learned.accuracy.toFixed(4), masked.accuracy.toFixed(4), learned.groups, learned.events),
  );
  if (values.wrong !== name.name) continue;
  for (const lines of learned.wrong) {
    const counts = [...linesBy(lines.map((line) => events[line]!))].map(([id, of]) => `${id} × ${of.length}`);
    console.log(`  ${lines.length} lines: ${match(contents[lines[0]!]!).template}\n    ${counts.join(', ')}`);
  }
}
console.log(row('mean', (sums.learned / sums.sets).toFixed(4), (sums.masked / sums.sets).toFixed(4)));
console.log(row('least', sums.least.toFixed(4), sums.leastMasked.toFixed(4)));
