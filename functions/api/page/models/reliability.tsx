/** Reliability: of windows with a probability of 0.8, did trouble come in 8 of 10? The diagonal is honest. */
import type { Quality } from '../../schema/models.ts';
import { Empty, Panel, Shown } from '../element/panel.tsx';
import { countText, figureText, percentText } from '../number.ts';
import type { Resource } from '../resource.ts';

const SIZE = 240;
const PAD = 30;
const at = (share: number): number => PAD + share * (SIZE - PAD - 10);

export const ReliabilityPanel = ({ quality }: { quality: Resource<Quality> }) => (
  <Panel
    title="Reliability"
    note={
      quality.data?.brier == null
        ? 'of the failure probability'
        : `Brier score ${figureText(quality.data.brier)}`
    }
  >
    <Shown of={quality} lines={8}>
      {({ reliability }) =>
        reliability.length === 0 ? (
          <Empty title="No probabilities yet">They come when the models answer.</Empty>
        ) : (
          <Diagram bins={reliability} />
        )
      }
    </Shown>
  </Panel>
);

function Diagram({ bins }: { bins: Quality['reliability'] }) {
  const most = Math.max(1, ...bins.map(({ windows }) => windows));
  const shown = bins.filter(({ windows }) => windows > 0);
  return (
    <div class="reliability">
      <svg
        viewBox={`0 0 ${SIZE} ${SIZE}`}
        role="img"
        aria-label="Predicted probability against how often trouble came; the table has the figures"
      >
        {[0, 0.25, 0.5, 0.75, 1].map((share) => (
          <g key={share}>
            <line class="grid-line" x1={at(0)} x2={at(1)} y1={SIZE - at(share)} y2={SIZE - at(share)} />
            <text class="tick" x={at(0) - 5} y={SIZE - at(share) + 4} text-anchor="end">
              {share}
            </text>
            <text class="tick" x={at(share)} y={SIZE - 12} text-anchor="middle">
              {share}
            </text>
          </g>
        ))}
        <line class="honest" x1={at(0)} y1={SIZE - at(0)} x2={at(1)} y2={SIZE - at(1)} />
        <polyline
          class="observed"
          points={shown
            .map(({ mean_predicted, observed }) => `${at(mean_predicted)},${SIZE - at(observed)}`)
            .join(' ')}
        />
        {shown.map(({ from, mean_predicted, observed, windows }) => (
          <circle
            key={from}
            class="observed-dot"
            cx={at(mean_predicted)}
            cy={SIZE - at(observed)}
            r={3 + 5 * Math.sqrt(windows / most)}
          />
        ))}
      </svg>
      <table>
        <thead>
          <tr>
            <th scope="col">probability</th>
            <th scope="col" class="number">
              windows
            </th>
            <th scope="col" class="number">
              predicted
            </th>
            <th scope="col" class="number">
              came
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ from, to, windows, mean_predicted, observed }) => (
            <tr key={from}>
              <td>
                {from.toFixed(1)} to {to.toFixed(1)}
              </td>
              <td class="number">{countText(windows)}</td>
              <td class="number">{percentText(mean_predicted)}</td>
              <td class="number">{percentText(observed)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
