/** What was predicted: by which model, how sure, why, and how long before trouble came. */
import type { Prediction, PredictionsPage } from '../../schema/predictions.ts';
import { Empty, Panel, Shown } from '../element/panel.tsx';
import { Badge, Raw, Time } from '../element/text.tsx';
import { figureText, percentText } from '../number.ts';
import type { Resource } from '../resource.ts';
import { alertPath } from '../route.ts';
import { durationText } from '../time.ts';

const MOST = 12;

export const Predictions = ({ predictions }: { predictions: Resource<PredictionsPage> }) => (
  <Panel title="Predictions" note="of trouble, newest first">
    <Shown of={predictions}>
      {({ items }) =>
        items.length === 0 ? (
          <Empty title="No trouble was predicted">
            Neither the models nor the rules expected any in this range.
          </Empty>
        ) : (
          <ul class="told">
            {items.slice(0, MOST).map((one) => (
              <PredictionLine key={`${one.model} ${one.window_start}`} prediction={one} />
            ))}
          </ul>
        )
      }
    </Shown>
  </Panel>
);

function PredictionLine({ prediction }: { prediction: Prediction }) {
  const { model, score, threshold, window_start, category, followed_by, explanation, decided_by, reasons } =
    prediction;
  const why = explanation?.findings.slice(0, 3) ?? [];
  return (
    <li>
      <div class="row">
        <Time at={window_start} as="clock" />
        <Badge shade="warning">{model}</Badge>
        <b>{percentText(score)}</b>
        <span class="muted small">{threshold === null ? '' : `threshold ${percentText(threshold)}`}</span>
        {category !== null && <Badge shade="info">{category}</Badge>}
        {decided_by === 'fallback' && (
          <Badge shade="quiet" title="The models did not answer in time: rules and baselines decided.">
            fallback
          </Badge>
        )}
        {followed_by !== null && (
          <a href={alertPath(followed_by.alert_id)} title={`Alert ${followed_by.rule}`}>
            {durationText(followed_by.lead_ms)} before the alert
          </a>
        )}
      </div>
      {explanation !== null && (
        <p class="small">
          <Raw text={explanation.summary} />
        </p>
      )}
      {why.length > 1 && (
        <ul class="why">
          {why.map(({ rule, summary }) => (
            <li key={rule}>
              <Raw text={summary} />
            </li>
          ))}
        </ul>
      )}
      {reasons.length > 0 && (
        <p class="muted small">
          {reasons
            .slice(0, 4)
            .map(({ feature, value }) => `${feature} ${figureText(value)}`)
            .join(' · ')}
        </p>
      )}
    </li>
  );
}
