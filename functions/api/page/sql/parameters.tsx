/** Values of a saved query's parameters. */
import type { SavedQuery } from '../../schema/sql.ts';

export type ParameterValues = Readonly<Record<string, string>>;
type Declared = SavedQuery['parameters'];

export interface ParametersProps {
  readonly of: Declared;
  readonly values: ParameterValues;
  readonly onValues: (values: ParameterValues) => void;
}

export const Parameters = ({ of, values, onValues }: ParametersProps) => (
  <div class="row parameters">
    {of.map(({ name, type }) => (
      <label key={name}>
        <span>
          @{name} <span class="muted">{type}</span>
        </span>
        <input
          value={values[name] ?? usual(type, name)}
          placeholder={type === 'TIMESTAMP' ? '2026-11-21T08:44:00Z' : ''}
          onInput={(event) => onValues({ ...values, [name]: event.currentTarget.value })}
        />
      </label>
    ))}
  </div>
);

/** A range asks for the last hour until somebody says otherwise. */
function usual(type: string, name: string): string {
  if (type !== 'TIMESTAMP') return '';
  const hour = Math.floor(Date.now() / 60_000) * 60_000;
  return new Date(name === 'since' ? hour - 3_600_000 : hour).toISOString().replace('.000', '');
}

/** As the API takes them: numbers and booleans are none as texts. */
export function typedParameters(
  of: Declared,
  values: ParameterValues,
): Record<string, string | number | boolean | null> {
  return Object.fromEntries(
    of.map(({ name, type }) => {
      const text = values[name] ?? usual(type, name);
      if (text === '') return [name, type === 'STRING' ? '' : null];
      if (type === 'INT64' || type === 'FLOAT64' || type === 'INTEGER') return [name, Number(text)];
      return [name, type === 'BOOL' ? text === 'true' : text];
    }),
  );
}
