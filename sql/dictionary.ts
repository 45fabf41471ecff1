/**
 * The data dictionary: sql/README.md, made from the files of schema/, views/, materialized/, functions/, indexes/ and
 * queries/, so that it cannot go stale. `npx tsx sql/dictionary.ts` writes it; a test holds the file against what would be written.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Field, readTableDefinition, type TableDefinition } from './table-definition.ts';

const FOLDER = new URL('./', import.meta.url);
const TARGET = new URL('README.md', FOLDER);

const HEAD = `# The warehouse

Dataset \`logweir\`: tables that the functions write, views to ask, queries to start from. This page is made by
\`npx tsx sql/dictionary.ts\` from the files beside it. The same files make the laptop's warehouse and BigQuery's.

Ask views first: they show each entry once and each window by its latest revision. Four show everything there is:
\`logs\` and \`hot_logs\` need a filter on \`timestamp\`, \`windows\` should have one on \`window_start\`, \`refusals\` on
\`received_at\`. The others bring their own time range, so a dashboard without a filter neither fails nor scans a table.
Columns with personal data say so at the end of their description; \`LOGWEIR_POLICY_TAG\` puts a policy tag on them.

## How tables join

\`\`\`sql
-- The entries behind a window: the window's service and its half-open interval of time.
SELECT w.window_start, w.service, l.timestamp, l.severity, l.message
FROM windows AS w
JOIN logs AS l
  ON l.service = w.service AND l.timestamp >= w.window_start AND l.timestamp < w.window_end
WHERE l.timestamp >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 HOUR)
  AND w.job = 'service_health' AND w.errors > 0;

-- What the most frequent patterns of a service look like.
SELECT t.pattern_id, t.entries, p.template, p.first_seen
FROM top_patterns AS t
JOIN patterns AS p ON p.pattern_id = t.pattern_id
WHERE t.service = 'payment'
ORDER BY t.entries DESC;

-- Entries that came too late for their window, with their text.
SELECT e.job, e.window_start, e.reason, l.service, l.message
FROM late_entries AS e
JOIN logs AS l ON l.insert_id = e.insert_id AND l.timestamp = e.timestamp
WHERE l.timestamp >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 7 DAY);

-- Alerts with what people said of them, by the alert's id.
SELECT a.started_at, a.rule, a.service, a.summary, f.kind, f.note
FROM alerts AS a
LEFT JOIN feedback AS f ON f.alert_id = a.alert_id
WHERE a.started_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 7 DAY)
ORDER BY a.started_at DESC;

-- What the models said of a window beside what it held, by service and window start.
SELECT w.service, w.window_start, w.error_rate, p.model, p.score, p.positive
FROM recent_windows AS w
JOIN predictions AS p ON p.service = w.service AND p.window_start = w.window_start
WHERE w.job = 'service_health'
  AND p.window_start >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR);

-- The services that wrote in an hour, with how they fared in it: table functions stand where tables do.
SELECT h.service, h.error_rate, w.window_start, w.errors
FROM health_between(TIMESTAMP '2026-11-20 11:00:00', TIMESTAMP '2026-11-20 12:00:00') AS h
JOIN windows_between(TIMESTAMP '2026-11-20 11:00:00', TIMESTAMP '2026-11-20 12:00:00', NULL) AS w
  ON w.service = h.service AND w.job = 'service_health'
WHERE w.errors > 0;
\`\`\`
`;

const PARTS = [
  { part: 'views', title: 'Views', lead: null },
  {
    part: 'materialized',
    title: 'Roll-ups',
    lead: 'Materialized views for long times: BigQuery computes them ahead, so they may be behind: usually half an hour, at most four.',
  },
  {
    part: 'functions',
    title: 'Table functions',
    lead: "Ask them like tables: `SELECT * FROM logweir.trace_of('4bf92f35…', TIMESTAMP '2026-11-20', TIMESTAMP '2026-11-21')`.",
  },
  { part: 'indexes', title: 'Search index', lead: null },
  {
    part: 'queries',
    title: 'Saved queries',
    lead: 'Run one with `npx logweir sql --saved NAME`, with `--param name:TYPE:value` where it has parameters; `--list` lists them.',
  },
] as const;

/** The page. */
export function dictionary(): string {
  const tables = files('schema').map(({ sql }) => readTableDefinition(sql));
  const described = PARTS.flatMap(({ part, title, lead }) => {
    const found = files(part);
    return found.length === 0
      ? []
      : [`## ${title}\n`, ...(lead ? [`${lead}\n`] : []), ...found.map(answer), ''];
  });
  return [HEAD, ...described, '## Tables\n', ...tables.filter((table) => table !== null).map(tableText)].join(
    '\n',
  );
}

interface SqlFile {
  readonly name: string;
  readonly path: string;
  readonly sql: string;
}

function files(part: string): SqlFile[] {
  const folder = new URL(`${part}/`, FOLDER);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => ({
      name: name.replace('.sql', ''),
      path: `${part}/${name}`,
      sql: readFileSync(new URL(name, folder), 'utf8'),
    }));
}

/** The question that heads a file, its first comment, and what it asks for and gives, where the head says so. */
function answer({ name, path, sql }: SqlFile): string {
  const [question = '', ...more] = sql.split('\n').flatMap((line) => /^-- (.*)/.exec(line)?.[1] ?? []);
  const given = ['Arguments', 'Parameters'].flatMap((label) => {
    const line = more.find((one) => one.startsWith(`${label}: `));
    return line === undefined ? [] : [`  ${line}`];
  });
  return [`* [\`${name}\`](${path}): ${question}`, ...given].join('\n');
}

function tableText({
  name,
  fields,
  primaryKey,
  partitionField,
  clustering,
  options,
}: TableDefinition): string {
  const facts = [
    partitionField === null ? null : `partitioned by day of \`${partitionField}\``,
    options.require_partition_filter === true ? 'a filter on it is required' : null,
    clustering.length === 0 ? null : `clustered by ${clustering.map(code).join(', ')}`,
    primaryKey.length === 0 ? null : `upserted by ${primaryKey.map(code).join(', ')}`,
  ].filter((fact) => fact !== null);
  return [
    `### ${name}\n`,
    `${options.description ?? ''}${facts.length > 0 ? ` (${facts.join('; ')})` : ''}\n`,
    '| column | type | meaning |',
    '|---|---|---|',
    ...fields.map(columnText),
    '',
  ].join('\n');
}

const columnText = (field: Field): string =>
  `| \`${field.name}\` | ${typeText(field)}${field.mode === 'REQUIRED' ? ', never NULL' : ''} | ${(field.description ?? '').replaceAll('|', '\\|')} |`;

function typeText({ type, mode, fields }: Field): string {
  const plain =
    fields === undefined
      ? type
      : `STRUCT<${fields.map((field) => `${field.name} ${typeText(field)}`).join(', ')}>`;
  return mode === 'REPEATED' ? `ARRAY<${plain}>` : plain;
}

const code = (text: string): string => `\`${text}\``;

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(TARGET, dictionary());
