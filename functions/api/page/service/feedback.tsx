/** What a person says of a verdict or an alert: it becomes a label of the next training. */
import { useState } from 'preact/hooks';
import type { FeedbackBody } from '../../schema/feedback.ts';
import { api } from '../api.ts';
import { attempt } from '../element/toast.tsx';
import { refusal } from '../who.ts';

export type FeedbackKind = FeedbackBody['kind'];

export interface FeedbackProps {
  readonly about: { readonly service: string; readonly window_start?: string; readonly alert_id?: string };
  readonly kinds: readonly FeedbackKind[];
  readonly onDone?: () => void;
}

const TEXTS: Readonly<Record<FeedbackKind, readonly [string, string]>> = {
  useful: ['Useful', 'It was trouble, and good to be told of.'],
  noise: ['Noise', 'It was no trouble.'],
  missed: ['Missed', 'There was trouble that nobody was told of.'],
};

export function Feedback({ about, kinds, onDone }: FeedbackProps) {
  const [given, setGiven] = useState<FeedbackKind | null>(null);
  const [busy, setBusy] = useState(false);
  const refused = refusal('feedback');
  const give = async (kind: FeedbackKind): Promise<void> => {
    setBusy(true);
    const done = await attempt(`Noted as ${kind}.`, () => api.feedback({ kind, ...about }));
    setBusy(false);
    if (!done) return;
    setGiven(kind);
    onDone?.();
  };
  return (
    <span class="feedback">
      {kinds.map((kind) => (
        <button
          key={kind}
          type="button"
          class="button tiny"
          aria-pressed={given === kind}
          disabled={busy || refused !== null}
          title={refused ?? TEXTS[kind][1]}
          onClick={() => give(kind)}
        >
          {TEXTS[kind][0]}
        </button>
      ))}
    </span>
  );
}
