/**
 * SQL: an editor with completion where the deployment allows it, saved queries for all analysts; results as a table and as a
 * chart, with what they scanned. The statement stands in the URL once it ran.
 */
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { SavedQuery, SqlResult } from '../../schema/sql.ts';
import { api } from '../api.ts';
import { Empty, Failure, Waiting } from '../element/panel.tsx';
import { useKeys } from '../keyboard.ts';
import { bytesText } from '../number.ts';
import { useResource } from '../resource.ts';
import { place, setQuery } from '../route.ts';
import { me, refusal } from '../who.ts';
import { Editor } from './editor.tsx';
import { Library } from './library.tsx';
import { Parameters, type ParameterValues, typedParameters } from './parameters.tsx';
import { Result } from './result.tsx';

const FIRST = `SELECT service, severity, COUNT(*) AS entries
FROM recent_logs
GROUP BY service, severity
ORDER BY entries DESC
LIMIT 50`;
/** A longer statement does not fit into every address bar. */
const LONGEST_IN_URL = 4000;
const MOST_ROWS = 100_000;

type Outcome = { readonly result: SqlResult } | { readonly error: Error } | 'running' | null;

export function Sql() {
  if (me.value === null) return <Waiting lines={8} />;
  if (me.value.role === 'viewer' || me.value.tenant !== null) {
    return (
      <Empty title="SQL is not for this role">
        Queries see the rows of all tenants: they need the role analyst, without a tenant.
      </Empty>
    );
  }
  return <Workbench />;
}

function Workbench() {
  const mayWrite = refusal('sql') === null;
  const inUrl = place.value.query.get('query');
  const [sql, setSql] = useState(inUrl ?? (mayWrite ? FIRST : ''));
  const [query, setSaved] = useState<SavedQuery | null>(null);
  const [values, setValues] = useState<ParameterValues>({});
  const [outcome, setOutcome] = useState<Outcome>(null);
  const saved = useResource('queries', (signal) => api.savedQueries(signal));
  const schema = useResource('sql schema', (signal) => api.sqlSchema(signal));
  const known = useMemo(
    () => ({ tables: schema.data?.items ?? [], saved: saved.data?.items ?? [] }),
    [schema.data, saved.data],
  );
  const parameters = typedParameters(query?.parameters ?? [], values);
  const unchanged = query !== null && query.sql === sql;
  const run = async (): Promise<void> => {
    if (sql.trim() === '' || outcome === 'running') return;
    setOutcome('running');
    setQuery({ query: sql.length <= LONGEST_IN_URL ? sql : null }, { replace: true });
    const body = { parameters, max_rows: MOST_ROWS };
    try {
      const result = unchanged
        ? await api.runSaved(query.name, body)
        : await api.sql({ query: sql, ...body });
      setOutcome({ result });
    } catch (error) {
      setOutcome({ error: error as Error });
    }
  };
  const open = (one: SavedQuery): void => {
    setSaved(one);
    setSql(one.sql);
    setOutcome(null);
  };
  useKeys([{ keys: '/', text: 'To the editor', run: () => document.getElementById('sql')?.focus() }]);
  return (
    <div class="sql">
      <Library
        saved={saved}
        schema={schema}
        chosen={unchanged ? query.name : null}
        onOpen={open}
        onInsert={(text) => setSql(`${sql}${text}`)}
      />
      <div class="stack">
        <section class="panel" aria-label="Statement">
          {query !== null && <p class="lead small">{query.title}</p>}
          <Editor sql={sql} onSql={setSql} onRun={run} known={known} readOnly={!mayWrite} />
          {query !== null && query.parameters.length > 0 && (
            <Parameters of={query.parameters} values={values} onValues={setValues} />
          )}
          <div class="row run-row">
            <button
              type="button"
              class="button primary"
              disabled={outcome === 'running' || sql.trim() === '' || !(mayWrite || unchanged)}
              onClick={run}
            >
              Run
            </button>
            <span class="muted small">
              <kbd>Ctrl</kbd> <kbd>Enter</kbd>
            </span>
            {mayWrite ? (
              <DryRun sql={sql} parameters={parameters} />
            ) : (
              <span class="muted small">{refusal('sql')} Saved queries run.</span>
            )}
          </div>
        </section>
        <section class="panel result" aria-label="Result" aria-live="polite">
          {outcome === null ? (
            <Empty title="No result yet">Run the statement, or open a saved query.</Empty>
          ) : outcome === 'running' ? (
            <Waiting lines={8} />
          ) : 'error' in outcome ? (
            <Failure error={outcome.error} />
          ) : (
            <Result result={outcome.result} name={query?.name ?? 'query'} />
          )}
        </section>
      </div>
    </div>
  );
}

/** What the statement would scan, or why it is wrong: asked for when somebody stops typing. */
function DryRun({
  sql,
  parameters,
}: {
  sql: string;
  parameters: Record<string, string | number | boolean | null>;
}) {
  const [asked, setAsked] = useState(sql);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(sql), 600);
    return () => clearTimeout(timer);
  }, [sql]);
  const key = `dry ${asked} ${JSON.stringify(parameters)}`;
  const found = useResource(key, () => api.sql({ query: asked, parameters, dry_run: true }), {
    when: asked.trim() !== '',
  });
  if (asked !== sql || found.loading) return <span class="muted small">checking…</span>;
  if (found.error !== undefined) return <span class="small bad-text plain">{found.error.message}</span>;
  return found.data === undefined ? null : (
    <span class="muted small">would scan {bytesText(found.data.bytes_scanned)}</span>
  );
}
