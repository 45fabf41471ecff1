/** An incident: what is told together, likely origin first, with evidence and what one can do. */
import { useState } from 'preact/hooks';
import type { Evidence, Incident } from '../../schema/alerts.ts';
import { api } from '../api.ts';
import { Icon } from '../element/icon.tsx';
import { Sparkline } from '../element/sparkline.tsx';
import { Badge, Raw, ServiceLink, stateShade, Time } from '../element/text.tsx';
import { attempt } from '../element/toast.tsx';
import { alertPath } from '../route.ts';
import { Feedback } from '../service/feedback.tsx';
import { durationText } from '../time.ts';
import { refusal } from '../who.ts';
import { EvidenceView } from './evidence.tsx';
import { SilenceDialog } from './silence-dialog.tsx';

export function IncidentCard({ incident, onChanged }: { incident: Incident; onChanged: () => void }) {
  const { alerts, severity, opened_at, resolved_at, acknowledged_by, services, origin_why, channels } =
    incident;
  const open = resolved_at === null;
  const shade = !open ? 'good' : severity === 'page' ? 'error' : severity === 'ticket' ? 'warning' : 'info';
  return (
    <article
      class={`panel incident edge-shade shade-${shade}`}
      aria-label={`Incident of ${services[0] ?? 'unknown'}`}
    >
      <header class="row">
        <Badge shade={shade}>{open ? severity : 'resolved'}</Badge>
        <h2 class="row">
          {services.slice(0, 5).map((name) => (
            <ServiceLink key={name} name={name} />
          ))}
          {services.length > 5 && <span class="muted">+{services.length - 5}</span>}
        </h2>
        <span class="muted">
          since <Time at={opened_at} />
          {resolved_at !== null &&
            `, lasted ${durationText(Date.parse(resolved_at) - Date.parse(opened_at))}`}
        </span>
        <span class="muted push">
          {channels.length === 0 ? 'nobody was told' : `told by ${channels.join(', ')}`}
        </span>
      </header>
      {origin_why !== '' && (
        <p class="muted small">
          Likely origin <Raw text={services[0] ?? ''} />: <Raw text={origin_why} />
        </p>
      )}
      <ul class="alert-lines">
        {alerts.slice(0, 10).map((alert, index) => (
          <li key={alert.alert_id}>
            <div class="row">
              <Badge shade={stateShade(alert.state)}>{alert.state}</Badge>
              <a href={alertPath(alert.alert_id)}>{alert.rule}</a>
              <ServiceLink name={alert.service} />
              <Raw text={alert.sentence} />
              {alert.series !== null && (
                <span class="mini-spark" title={`${alert.series.of}, window by window`}>
                  <Sparkline values={alert.series.values} />
                </span>
              )}
            </div>
            {alert.evidence !== null && <Told evidence={alert.evidence} whole={index === 0} />}
          </li>
        ))}
        {alerts.length > 10 && <li class="muted">and {alerts.length - 10} more</li>}
      </ul>
      <Actions incident={incident} open={open} by={acknowledged_by} onChanged={onChanged} />
    </article>
  );
}

/** The first alert shows its evidence; those after it mostly say the same again, so theirs waits to be asked for. */
const Told = ({ evidence, whole }: { evidence: Evidence; whole: boolean }) =>
  whole ? (
    <EvidenceView evidence={evidence} />
  ) : (
    <details class="more-evidence">
      <summary>
        Evidence{' '}
        <span class="muted small">
          {evidence.samples.length} lines, {evidence.patterns.length} patterns
        </span>
      </summary>
      <EvidenceView evidence={evidence} />
    </details>
  );

interface ActionsProps {
  readonly incident: Incident;
  readonly open: boolean;
  readonly by: string | null;
  readonly onChanged: () => void;
}

function Actions({ incident, open, by, onChanged }: ActionsProps) {
  const [silencing, setSilencing] = useState(false);
  const refused = refusal('operate');
  const first = incident.alerts[0];
  const acknowledge = async (): Promise<void> => {
    if (await attempt('Acknowledged.', () => api.acknowledge(incident.incident_id))) onChanged();
  };
  return (
    <footer class="row">
      {by !== null ? (
        <span class="muted">
          <Icon name="check" /> taken by <Raw text={by} />
        </span>
      ) : (
        open && (
          <button
            type="button"
            class="button"
            disabled={refused !== null}
            title={refused ?? 'Say that you take it'}
            onClick={acknowledge}
          >
            <Icon name="check" />
            Acknowledge
          </button>
        )
      )}
      {open && (
        <button
          type="button"
          class="button"
          disabled={refused !== null}
          title={refused ?? undefined}
          onClick={() => setSilencing(true)}
        >
          <Icon name="mute" />
          Silence…
        </button>
      )}
      {first !== undefined && (
        <span class="push row">
          <span class="muted small">Was it worth telling?</span>
          <Feedback
            about={{ service: first.service, alert_id: first.alert_id }}
            kinds={['useful', 'noise']}
          />
        </span>
      )}
      {silencing && first !== undefined && (
        <SilenceDialog
          match={{ service: first.service, rule: first.rule }}
          onClose={() => setSilencing(false)}
        />
      )}
    </footer>
  );
}
