/**
 * Alerts: incidents with their evidence, the history, silences. A link of a message opens one alert, and asks before it
 * does anything (`?feedback=noise`, `?silence`).
 */
import { useState } from 'preact/hooks';
import { Empty, Shown } from '../element/panel.tsx';
import { openFirst } from '../overview/incident-panel.tsx';
import { place, setQuery } from '../route.ts';
import { incidents as latestIncidents } from '../shell/incidents.ts';
import type { ViewProps } from '../shell/view.tsx';
import { refusal } from '../who.ts';
import { AlertView } from './alert.tsx';
import { History } from './history.tsx';
import { IncidentCard } from './incident-card.tsx';
import { SilenceDialog } from './silence-dialog.tsx';
import { SilenceList } from './silence-list.tsx';

const TABS = [
  ['incidents', 'Incidents'],
  ['history', 'History'],
  ['silences', 'Silences'],
] as const;

export const Alerts = ({ name }: ViewProps) => (name === null ? <AllAlerts /> : <AlertView id={name} />);

function AllAlerts() {
  const tab = place.value.query.get('tab') ?? 'incidents';
  const [silencing, setSilencing] = useState(false);
  const refused = refusal('operate');
  return (
    <div class="stack">
      <div class="row">
        <nav class="tabs" aria-label="What of alerts">
          {TABS.map(([name, text]) => (
            <button
              type="button"
              key={name}
              class="tab"
              aria-pressed={tab === name}
              onClick={() => setQuery({ tab: name === 'incidents' ? null : name })}
            >
              {text}
            </button>
          ))}
        </nav>
        <button
          type="button"
          class="button push"
          disabled={refused !== null}
          title={refused ?? undefined}
          onClick={() => setSilencing(true)}
        >
          Silence…
        </button>
      </div>
      {tab === 'history' ? <History /> : tab === 'silences' ? <SilenceList /> : <IncidentCards />}
      {silencing && <SilenceDialog match={{}} onClose={() => setSilencing(false)} />}
    </div>
  );
}

function IncidentCards() {
  const incidents = latestIncidents.value;
  return (
    <Shown of={incidents} lines={10}>
      {({ items }) =>
        items.length === 0 ? (
          <Empty title="No incidents">
            Nothing is open, and nothing was of late. The history tells of what was before.
          </Empty>
        ) : (
          <ul class="stack">
            {openFirst(items).map((incident) => (
              <li key={incident.incident_id}>
                <IncidentCard incident={incident} onChanged={incidents.refresh} />
              </li>
            ))}
          </ul>
        )
      }
    </Shown>
  );
}
