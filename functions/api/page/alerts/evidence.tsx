/** What a person needs to see to believe an alert: patterns with counts, lines, traces, what was predicted. */
import type { Evidence } from '../../schema/alerts.ts';
import { Raw } from '../element/text.tsx';
import { countText, percentText } from '../number.ts';

const exploreTrace = (id: string, at: string | null): string => {
  const around =
    at === null ? 'last=24h' : `from=${iso(Date.parse(at) - 900_000)}&to=${iso(Date.parse(at) + 900_000)}`;
  return `/explore?${around}&trace=${encodeURIComponent(id)}`;
};
const iso = (ms: number): string => new Date(ms).toISOString();

export function EvidenceView({ evidence }: { evidence: Evidence }) {
  const { patterns, samples, traces, prediction, explanation } = evidence;
  return (
    <div class="evidence">
      {explanation !== '' && (
        <p class="small">
          <Raw text={explanation} />
        </p>
      )}
      {prediction !== null && (
        <p class="small">
          Predicted: {percentText(prediction.probability)} within {Math.round(prediction.horizon_s / 60)} min,{' '}
          <Raw text={prediction.why} />
        </p>
      )}
      {patterns.length > 0 && (
        <ul>
          {patterns.slice(0, 5).map(({ id, template, entries }) => (
            <li key={id} class="evidence-pattern">
              <b>{countText(entries)} ×</b>
              <a class="mono" href={`/explore?last=24h&pattern=${encodeURIComponent(id)}`}>
                <Raw text={template} />
              </a>
            </li>
          ))}
        </ul>
      )}
      {samples.length > 0 && (
        <pre class="samples">
          {samples.slice(0, 5).map((line, index) => (
            <div key={index}>
              <Raw text={line} />
            </div>
          ))}
        </pre>
      )}
      {traces.length > 0 && (
        <p class="small row">
          <span class="muted">traces</span>
          {traces.slice(0, 5).map(({ id, at }) => (
            <a key={id} class="mono" href={exploreTrace(id, at)}>
              <Raw text={id.slice(0, 32)} />
            </a>
          ))}
        </p>
      )}
    </div>
  );
}
