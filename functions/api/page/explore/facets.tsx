/** What the entries found have in common, to narrow the search by. */
import type { LogStats } from '../../schema/logs.ts';
import { visible } from '../element/text.tsx';
import { shortCount } from '../number.ts';
import { place, setQuery } from '../route.ts';
import { toneOf } from '../severity.ts';
import { toggled } from './search.ts';

interface Value {
  readonly value: string;
  readonly count: number | null;
  readonly text?: string;
}

const MOST = 10;

export function Facets({ stats }: { stats: LogStats | undefined }) {
  const facets = stats?.facets;
  const patterns = facets?.pattern.map(({ value, count, template }) => ({
    value,
    count,
    text: template ?? value,
  }));
  return (
    <div class="facets">
      <Facet name="severity" title="Severity" values={facets?.severity} />
      <Facet name="service" title="Service" values={facets?.service} />
      <Facet name="status" title="HTTP status" values={facets?.status} />
      <Facet name="pattern" title="Pattern" values={patterns} />
    </div>
  );
}

function Facet({
  name,
  title,
  values,
}: {
  name: string;
  title: string;
  values: readonly Value[] | undefined;
}) {
  const chosen = place.value.query.getAll(name);
  const gone = chosen
    .filter((value) => !values?.some((one) => one.value === value))
    .map((value): Value => ({ value, count: null }));
  const shown = [...gone, ...(values ?? []).slice(0, MOST)];
  const most = Math.max(1, ...(values ?? []).map(({ count }) => count ?? 0));
  return (
    <fieldset class="facet">
      <legend>{title}</legend>
      {values === undefined && <span class="bone" />}
      {values !== undefined && shown.length === 0 && <span class="muted small">none</span>}
      {shown.map(({ value, count, text }) => (
        <label key={value} class="facet-value" title={text ?? value}>
          <input
            type="checkbox"
            checked={chosen.includes(value)}
            onChange={() => setQuery({ [name]: toggled(place.value.query, name, value) })}
          />
          <bdi class={name === 'severity' ? `facet-text tone-${toneOf(value)}` : 'facet-text'}>
            {visible(text ?? value)}
          </bdi>
          <span class="muted">{count === null ? '' : shortCount(count)}</span>
          <span class="facet-bar" aria-hidden="true" style={{ width: `${((count ?? 0) / most) * 100}%` }} />
        </label>
      ))}
    </fieldset>
  );
}
