/** Versions of the models, what serves, and the two things one can do about it. */
import { useState } from 'preact/hooks';
import type { Models, ModelVersion } from '../../schema/models.ts';
import { api } from '../api.ts';
import { Dialog } from '../element/dialog.tsx';
import { Empty, Panel, Shown } from '../element/panel.tsx';
import { type Column, Table } from '../element/table.tsx';
import { Badge, type Shade, Time } from '../element/text.tsx';
import { attempt } from '../element/toast.tsx';
import { flattened } from '../explore/labels.tsx';
import { figureText } from '../number.ts';
import type { Resource } from '../resource.ts';
import { refusal } from '../who.ts';

const SHADES: Readonly<Record<ModelVersion['state'], Shade>> = {
  serving: 'good',
  canary: 'info',
  candidate: 'quiet',
  retired: 'quiet',
  refused: 'error',
};

export function VersionsPanel({ models }: { models: Resource<Models> }) {
  const [asked, setAsked] = useState<'promote' | 'roll back' | null>(null);
  const [card, setCard] = useState<ModelVersion | null>(null);
  const columns: readonly Column<ModelVersion>[] = [
    { title: 'model', cell: ({ model }) => <b>{model}</b> },
    { title: 'version', cell: ({ version }) => <code>{version}</code> },
    { title: 'state', cell: ({ state }) => <Badge shade={SHADES[state]}>{state}</Badge> },
    { title: 'traffic', number: true, cell: ({ traffic_percent }) => `${traffic_percent} %` },
    { title: 'trained', cell: ({ trained_at }) => <Time at={trained_at} /> },
    { title: 'on the hold-out', wide: true, cell: ({ metrics }) => <Metrics metrics={metrics} /> },
    {
      title: 'card',
      cell: (version) => (
        <button type="button" class="button tiny" onClick={() => setCard(version)}>
          Card
        </button>
      ),
    },
  ];
  return (
    <Panel
      title="Versions"
      note={models.data && standing(models.data)}
      actions={<Actions models={models.data} onAsk={setAsked} />}
    >
      <Shown of={models} lines={5}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No versions are registered">Trained models register themselves.</Empty>
          ) : (
            <Table
              label="Versions of the models"
              columns={columns}
              rows={items}
              keyOf={({ model, version }) => `${model} ${version}`}
            />
          )
        }
      </Shown>
      {card !== null && <Card version={card} onClose={() => setCard(null)} />}
      {asked !== null && (
        <Confirm
          action={asked}
          onClose={() => setAsked(null)}
          onDone={() => {
            setAsked(null);
            models.refresh();
          }}
        />
      )}
    </Panel>
  );
}

const standing = ({ serving, retraining }: Models): string =>
  [
    serving === null ? 'none judged windows in the last hour' : `${serving} serves`,
    ...(retraining === null || retraining.phase === 'idle' ? [] : [`retraining: ${retraining.phase}`]),
  ].join(', ');

function Actions({
  models,
  onAsk,
}: {
  models: Models | undefined;
  onAsk: (action: 'promote' | 'roll back') => void;
}) {
  const refused = refusal('models');
  const state = models?.retraining;
  const why = (can: boolean | undefined, none: string): string | undefined =>
    refused ?? (can ? undefined : none);
  const [promote, roll] = [
    why(state?.can_promote, 'There is no candidate to promote.'),
    why(state?.can_roll_back, 'There is no version to go back to.'),
  ];
  return (
    <>
      <button
        type="button"
        class="button tiny"
        disabled={promote !== undefined}
        title={promote}
        onClick={() => onAsk('promote')}
      >
        Promote…
      </button>
      <button
        type="button"
        class="button tiny"
        disabled={roll !== undefined}
        title={roll}
        onClick={() => onAsk('roll back')}
      >
        Roll back…
      </button>
    </>
  );
}

interface Measured {
  readonly by: string;
  readonly on: string;
  readonly values: Readonly<Record<string, unknown>>;
}

const isMeasured = (one: unknown): one is Measured =>
  typeof one === 'object' &&
  one !== null &&
  'by' in one &&
  'values' in one &&
  one.values !== null &&
  typeof one.values === 'object';

const figuresOf = (values: Readonly<Record<string, unknown>>): string =>
  Object.entries(values)
    .filter((pair): pair is [string, number] => typeof pair[1] === 'number')
    .slice(0, 4)
    .map(([name, value]) => `${name} ${figureText(value)}`)
    .join(', ');

/** Who was measured on what, the baselines below the model; anything else as paths and values. */
function Metrics({ metrics }: { metrics: unknown }) {
  const measured = Array.isArray(metrics) ? metrics.filter(isMeasured) : [];
  if (measured.length > 0) {
    return (
      <ul class="metrics">
        {measured.slice(0, 3).map(({ by, on, values }) => (
          <li key={`${by} ${on}`} title={`on ${on}`}>
            <b>{by}</b> {figuresOf(values)}
          </li>
        ))}
      </ul>
    );
  }
  const shown = flattened(metrics).filter(([name]) => name !== '');
  if (shown.length === 0) return <span class="muted">see the card</span>;
  return (
    <span class="metrics">
      {shown
        .slice(0, 5)
        .map(([name, value]) => `${name} ${value}`)
        .join(', ')}
    </span>
  );
}

const Card = ({ version, onClose }: { version: ModelVersion; onClose: () => void }) => (
  <Dialog title={`${version.model} ${version.version}`} onClose={onClose} wide>
    <p class="muted small">
      seed {version.seed}, SHA-256 <code class="plain">{version.sha256}</code>
    </p>
    <pre class="message" role="region" tabIndex={0} aria-label="Model card">
      {version.card}
    </pre>
  </Dialog>
);

function Confirm({
  action,
  onClose,
  onDone,
}: {
  action: 'promote' | 'roll back';
  onClose: () => void;
  onDone: () => void;
}) {
  const [busy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    setBusy(true);
    const { promote, rollBack } = api;
    const done = await attempt(
      action === 'promote' ? 'The candidate is being promoted.' : 'The version before is being put back.',
      async () => {
        const { done, message } = await (action === 'promote' ? promote() : rollBack());
        if (!done) throw new Error(message);
      },
    );
    setBusy(false);
    if (done) onDone();
  };
  return (
    <Dialog title={action === 'promote' ? 'Promote the candidate?' : 'Roll back?'} onClose={onClose}>
      <div class="form">
        <p>
          {action === 'promote'
            ? 'All windows will be judged by the candidate from now on.'
            : 'All windows will be judged by the version before from now on.'}
        </p>
        <div class="row">
          <button
            type="button"
            class={action === 'promote' ? 'button primary' : 'button danger'}
            disabled={busy}
            onClick={run}
          >
            {action === 'promote' ? 'Promote' : 'Roll back'}
          </button>
          <button type="button" class="button quiet" onClick={onClose}>
            Cancel
          </button>
        </div>
      </div>
    </Dialog>
  );
}
