/** Silences alerts that fit labels, for a time: they are kept, and nobody is told. */
import { useState } from 'preact/hooks';
import type { SilenceInput } from '../../schema/alerts.ts';
import { api } from '../api.ts';
import { Dialog } from '../element/dialog.tsx';
import { attempt } from '../element/toast.tsx';
import { momentText } from '../time.ts';
import { refusal } from '../who.ts';

const HOUR = 3_600_000;
const TIMES = [
  [HOUR / 2, '30 minutes'],
  [2 * HOUR, '2 hours'],
  [8 * HOUR, '8 hours'],
  [24 * HOUR, '1 day'],
  [7 * 24 * HOUR, '7 days'],
] as const;

export interface SilenceDialogProps {
  readonly match: { readonly service?: string; readonly rule?: string };
  readonly onClose: () => void;
  readonly onDone?: () => void;
}

export function SilenceDialog({ match, onClose, onDone }: SilenceDialogProps) {
  const [service, setService] = useState(match.service ?? '');
  const [rule, setRule] = useState(match.rule ?? '');
  const [severity, setSeverity] = useState('');
  const [forMs, setForMs] = useState<number>(2 * HOUR);
  const [comment, setComment] = useState('');
  const refused = refusal('operate');
  const some = service.trim() !== '' || rule.trim() !== '' || severity !== '';
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const input: SilenceInput = {
      match: {
        ...(service.trim() === '' ? {} : { service: service.trim() }),
        ...(rule.trim() === '' ? {} : { rule: rule.trim() }),
        ...(severity === '' ? {} : { severity: severity as 'info' | 'ticket' | 'page' }),
      },
      for_ms: forMs,
      comment,
    };
    if (!(await attempt('Silenced.', () => api.silence(input)))) return;
    onDone?.();
    onClose();
  };
  return (
    <Dialog title="Silence alerts" onClose={onClose}>
      <form class="form" onSubmit={submit}>
        <p class="muted">
          All that is given must fit; * stands for any characters. What is silenced is kept, and nobody is
          told.
        </p>
        <label>
          Service
          <input
            value={service}
            placeholder="pay*"
            onInput={(event) => setService(event.currentTarget.value)}
          />
        </label>
        <label>
          Rule
          <input
            value={rule}
            placeholder="error_spike"
            onInput={(event) => setRule(event.currentTarget.value)}
          />
        </label>
        <label>
          Severity
          <select value={severity} onChange={(event) => setSeverity(event.currentTarget.value)}>
            <option value="">any</option>
            <option value="info">info</option>
            <option value="ticket">ticket</option>
            <option value="page">page</option>
          </select>
        </label>
        <label>
          For
          <select value={String(forMs)} onChange={(event) => setForMs(Number(event.currentTarget.value))}>
            {TIMES.map(([ms, text]) => (
              <option key={ms} value={String(ms)}>
                {text}
              </option>
            ))}
          </select>
        </label>
        <p class="muted small">Until {momentText(Date.now() + forMs)}.</p>
        <label>
          Why
          <input value={comment} maxLength={500} onInput={(event) => setComment(event.currentTarget.value)} />
        </label>
        {refused !== null && <p class="muted">{refused}</p>}
        <div class="row">
          <button type="submit" class="button primary" disabled={!some || refused !== null}>
            Silence
          </button>
          <button type="button" class="button quiet" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}
