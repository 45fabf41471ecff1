/** What a day would cost at this load, by component. */
import type { Pipeline } from '../../schema/pipeline.ts';
import { Empty } from '../element/panel.tsx';
import { usdText } from '../number.ts';

const CENT = 0.01;

export function Cost({ cost }: { cost: Pipeline['cost'] }) {
  if (cost === null) return <Empty title="No prices at hand">The deployment has no price file.</Empty>;
  const shown = cost.components
    .filter(({ usd_per_day }) => usd_per_day >= CENT / 2)
    .sort((a, b) => b.usd_per_day - a.usd_per_day);
  const most = Math.max(1e-9, ...shown.map(({ usd_per_day }) => usd_per_day));
  return (
    <>
      <p>
        <b class="figure">{usdText(cost.usd_per_day)}</b>{' '}
        <span class="muted">a day for {cost.gb_per_day.toFixed(2)} GB</span>
      </p>
      <ul class="bars three">
        {shown.map(({ component, usd_per_day }) => (
          <li key={component}>
            <span>{component}</span>
            <span class="bar-track" aria-hidden="true">
              <span class="bar-fill" style={{ width: `${(usd_per_day / most) * 100}%` }} />
            </span>
            <span class="bar-count">{usdText(usd_per_day)}</span>
          </li>
        ))}
      </ul>
      {shown.length < cost.components.length && (
        <p class="muted small">{cost.components.length - shown.length} others, less than a cent each</p>
      )}
    </>
  );
}
