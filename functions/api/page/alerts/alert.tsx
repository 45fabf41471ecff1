/** One alert: what, how bad, why, its history. A link may ask for something: then a dialog asks whether it is meant. */
import { useState } from 'preact/hooks';
import type { AlertDetail } from '../../schema/alerts.ts';
import { api } from '../api.ts';
import { Dialog } from '../element/dialog.tsx';
import { Empty, Panel, Shown } from '../element/panel.tsx';
import { type Column, Table } from '../element/table.tsx';
import { Badge, Raw, ServiceLink, stateShade, Time } from '../element/text.tsx';
import { attempt } from '../element/toast.tsx';
import { figureText } from '../number.ts';
import { useResource } from '../resource.ts';
import { place, servicePath, setQuery } from '../route.ts';
import { Feedback, type FeedbackKind } from '../service/feedback.tsx';
import { incidents } from '../shell/incidents.ts';
import { refusal } from '../who.ts';
import { EvidenceView } from './evidence.tsx';
import { IncidentCard } from './incident-card.tsx';
import { SilenceDialog } from './silence-dialog.tsx';

type Event = AlertDetail['events'][number];

const COLUMNS: readonly Column<Event>[] = [
  { title: 'when', cell: ({ changed_at }) => <Time at={changed_at} /> },
  { title: 'from', cell: ({ from_state }) => from_state ?? '–' },
  { title: 'to', cell: ({ to_state }) => <Badge shade={stateShade(to_state)}>{to_state}</Badge> },
  { title: 'why', wide: true, cell: ({ reason }) => <Raw text={reason} /> },
  {
    title: 'told',
    cell: ({ channel, delivery }) => (channel === null ? '–' : `${channel}: ${delivery ?? '?'}`),
  },
];

export function AlertView({ id }: { id: string }) {
  const found = useResource(`alert ${id}`, (signal) => api.alert(id, signal), {
    everyMs: 5000,
    awaited: true,
  });
  // The board knows of an alert a moment before its row is in the warehouse.
  const incident = incidents.value.data?.items.find(({ alerts }) =>
    alerts.some(({ alert_id }) => alert_id === id),
  );
  if (found.data === undefined && incident !== undefined)
    return <IncidentCard incident={incident} onChanged={incidents.value.refresh} />;
  return (
    <div class="stack">
      <Shown of={found} lines={10}>
        {(alert) => (
          <div class="stack">
            <About alert={alert} onChanged={found.refresh} />
            <Panel title="Evidence">
              {alert.evidence === null ? (
                <Empty title="None was kept">The first alerts of an incident keep theirs.</Empty>
              ) : (
                <EvidenceView evidence={alert.evidence} />
              )}
            </Panel>
            <Panel title="History">
              <Table
                label="History of the alert"
                columns={COLUMNS}
                rows={alert.events}
                keyOf={({ changed_at, to_state, channel }) => `${changed_at}${to_state}${channel}`}
              />
            </Panel>
            <Asked alert={alert} />
          </div>
        )}
      </Shown>
    </div>
  );
}

function About({ alert, onChanged }: { alert: AlertDetail; onChanged: () => void }) {
  const {
    rule,
    service,
    severity,
    state,
    started_at,
    resolved_at,
    summary,
    value,
    usual,
    acknowledged_by,
    incident_id,
  } = alert;
  const refused = refusal('operate');
  const around = `from=${shifted(started_at, -900_000)}&to=${shifted(resolved_at ?? new Date().toISOString(), 300_000)}`;
  return (
    <Panel
      title={
        <span class="row">
          <Badge shade={stateShade(state)}>{state}</Badge>
          {rule}
          <ServiceLink name={service} />
        </span>
      }
      note={severity}
      actions={
        <>
          {acknowledged_by === null && resolved_at === null && incident_id !== null && (
            <button
              type="button"
              class="button"
              disabled={refused !== null}
              title={refused ?? undefined}
              onClick={async () =>
                (await attempt('Acknowledged.', () => api.acknowledge(incident_id))) && onChanged()
              }
            >
              Acknowledge
            </button>
          )}
          <button
            type="button"
            class="button"
            disabled={refused !== null}
            title={refused ?? undefined}
            onClick={() => setQuery({ silence: 'asked' })}
          >
            Silence…
          </button>
          <Feedback about={{ service, alert_id: alert.alert_id }} kinds={['useful', 'noise']} />
        </>
      }
    >
      <p class="lead">
        <Raw text={summary} />
      </p>
      <p class="row muted">
        <span>
          since <Time at={started_at} />
        </span>
        {resolved_at !== null && (
          <span>
            until <Time at={resolved_at} />
          </span>
        )}
        <span>
          now {figureText(value)}, usually {figureText(usual)}
        </span>
        {acknowledged_by !== null && <span>taken by {acknowledged_by}</span>}
        <a href={`${servicePath(service)}?${around}`}>the service at that time</a>
        <a href={`/explore?${around}&service=${encodeURIComponent(service)}&min_severity=ERROR`}>
          its errors
        </a>
      </p>
    </Panel>
  );
}

const shifted = (iso: string, ms: number): string =>
  encodeURIComponent(new Date(Date.parse(iso) + ms).toISOString());

/** What the link asked for. Nothing is done before somebody says so here. */
function Asked({ alert }: { alert: AlertDetail }) {
  const { query } = place.value;
  const asked = query.get('feedback');
  const [done, setDone] = useState(false);
  const close = (): void => setQuery({ feedback: null, silence: null }, { replace: true });
  if (query.has('silence'))
    return <SilenceDialog match={{ service: alert.service, rule: alert.rule }} onClose={close} />;
  if (asked !== 'useful' && asked !== 'noise') return null;
  const kind: FeedbackKind = asked;
  return (
    <Dialog title={kind === 'useful' ? 'Was it useful?' : 'Was it noise?'} onClose={close}>
      <div class="form">
        <p>
          {alert.rule} of <Raw text={alert.service} />: <Raw text={alert.summary} />
        </p>
        <p class="muted">
          {kind === 'useful' ? 'It was trouble, and good to be told of.' : 'It was no trouble.'} The next
          training learns from it.
        </p>
        <div class="row">
          <Feedback
            about={{ service: alert.service, alert_id: alert.alert_id }}
            kinds={[kind]}
            onDone={() => setDone(true)}
          />
          <button type="button" class="button quiet" onClick={close}>
            {done ? 'Close' : 'Cancel'}
          </button>
        </div>
      </div>
    </Dialog>
  );
}
