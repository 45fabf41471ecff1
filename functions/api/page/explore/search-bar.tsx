/** The search: words, filters that are on, order, live, grouping, link, export. */
import { useEffect, useState } from 'preact/hooks';
import { Icon } from '../element/icon.tsx';
import { visible } from '../element/text.tsx';
import { attempt } from '../element/toast.tsx';
import { place, setQuery } from '../route.ts';
import { mayExport } from '../who.ts';
import { exportEntries } from './export.ts';
import { type Chip, chipsOf, type Filters, SORTS, sortOf, toggled } from './search.ts';

export interface SearchBarProps {
  readonly filters: Filters;
  readonly live: boolean;
  readonly grouped: boolean;
}

export const setLive = (on: boolean): void => setQuery({ live: on ? '1' : null, group: null, sort: null });

export function SearchBar({ filters, live, grouped }: SearchBarProps) {
  const { query } = place.value;
  const inUrl = query.get('q') ?? '';
  const [text, setText] = useState(inUrl);
  useEffect(() => setText(inUrl), [inUrl]);
  const chips = chipsOf(filters);
  return (
    <div class="search">
      <form
        class="search-form"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          setQuery({ q: text.trim(), entry: null, at: null });
        }}
      >
        <span class="search-box">
          <Icon name="explore" />
          <input
            id="search"
            type="search"
            aria-label="Search entries"
            placeholder='words, "a phrase", -without, label=value'
            autocomplete="off"
            spellcheck={false}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
          <kbd class="hide-small">/</kbd>
        </span>
        <button type="submit" class="button primary">
          Search
        </button>
        <button type="button" class="button" aria-pressed={live} onClick={() => setLive(!live)}>
          <Icon name={live ? 'pause' : 'play'} />
          Live
        </button>
      </form>
      <div class="search-row">
        {chips.map((chip) => (
          <ChipButton key={`${chip.name} ${chip.value}`} chip={chip} />
        ))}
        {chips.length > 1 && (
          <button
            type="button"
            class="button quiet tiny"
            onClick={() => setQuery(Object.fromEntries(chips.map(({ name }) => [name, null])))}
          >
            Clear
          </button>
        )}
        <span class="search-tools">
          <select
            aria-label="Order"
            value={sortOf(query)}
            disabled={live || grouped}
            onChange={(event) =>
              setQuery({
                sort: event.currentTarget.value === '-timestamp' ? null : event.currentTarget.value,
              })
            }
          >
            {SORTS.map(([sort, name]) => (
              <option key={sort} value={sort}>
                {name}
              </option>
            ))}
          </select>
          <button
            type="button"
            class="button"
            aria-pressed={grouped}
            onClick={() => setQuery({ group: grouped ? null : 'pattern', live: null })}
          >
            Group by pattern
          </button>
          <button
            type="button"
            class="button square"
            aria-label="Copy a link to this search"
            title="Copy a link to this search"
            onClick={() => attempt('The link is copied.', () => navigator.clipboard.writeText(location.href))}
          >
            <Icon name="link" />
          </button>
          <Export filters={filters} />
        </span>
      </div>
    </div>
  );
}

const ChipButton = ({ chip }: { chip: Chip }) => (
  <button
    type="button"
    class="chip"
    aria-label={`Remove the filter ${chip.name} ${chip.value}`}
    onClick={() => setQuery({ [chip.name]: toggled(place.value.query, chip.name, chip.value) })}
  >
    <span class="muted">{chip.name}</span> <bdi>{visible(chip.value)}</bdi>
    <Icon name="close" />
  </button>
);

function Export({ filters }: { filters: Filters }) {
  const allowed = mayExport.value;
  return (
    <>
      {(['csv', 'ndjson'] as const).map((format) => (
        <button
          key={format}
          type="button"
          class="button"
          disabled={!allowed}
          title={allowed ? 'At most 100,000 entries' : 'Exports need the role analyst.'}
          onClick={() => attempt('The export is saved.', () => exportEntries(filters, format))}
        >
          <Icon name="save" />
          {format === 'csv' ? 'CSV' : 'JSON'}
        </button>
      ))}
    </>
  );
}
