/** A dead letter opened: its bytes as hexadecimal and as text, and another try. */
import { useState } from 'preact/hooks';
import type { DeadLetter } from '../../schema/pipeline.ts';
import { api } from '../api.ts';
import { Dialog } from '../element/dialog.tsx';
import { Shown } from '../element/panel.tsx';
import { Raw, Time, visible } from '../element/text.tsx';
import { attempt } from '../element/toast.tsx';
import { bytesText } from '../number.ts';
import { useResource } from '../resource.ts';
import { refusal } from '../who.ts';
import { hexDump } from './hex.ts';

export function DeadLetterDialog({ letter, onClose }: { letter: DeadLetter; onClose: () => void }) {
  const { insert_id, received_at, stage, reason, detail } = letter;
  const [as, setAs] = useState<'text' | 'bytes'>('text');
  const [retried, setRetried] = useState(false);
  const found = useResource(`dead letter ${insert_id}`, (signal) =>
    api.deadLetter(insert_id, received_at, signal),
  );
  const refused = refusal('operate');
  const retry = async (): Promise<void> => {
    setRetried(true);
    if (!(await attempt('Published again.', () => api.retry(insert_id, received_at)))) setRetried(false);
  };
  return (
    <Dialog title="Dead letter" onClose={onClose} wide>
      <dl class="fields">
        <dt>received</dt>
        <dd>
          <Time at={received_at} millis />
        </dd>
        <dt>why</dt>
        <dd>
          {stage}: <code>{reason}</code> <Raw text={detail} />
        </dd>
        <dt>attributes</dt>
        <dd class="mono">
          <Raw text={JSON.stringify(letter.attributes)} />
        </dd>
      </dl>
      <Shown of={found} lines={6}>
        {({ raw, text, truncated, bytes }) => (
          <>
            <div class="row">
              <button
                type="button"
                class="button tiny"
                aria-pressed={as === 'text'}
                onClick={() => setAs('text')}
              >
                Text
              </button>
              <button
                type="button"
                class="button tiny"
                aria-pressed={as === 'bytes'}
                onClick={() => setAs('bytes')}
              >
                Bytes
              </button>
              <span class="muted small">
                {bytesText(bytes)}
                {truncated && ', the first 64 KiB are shown'}
              </span>
            </div>
            <pre class="message" role="region" tabIndex={0} aria-label="Content">
              {as === 'bytes' ? (
                hexDump(raw)
              ) : text === null ? (
                'It is no UTF-8: look at the bytes.'
              ) : (
                <bdi>{visible(text)}</bdi>
              )}
            </pre>
          </>
        )}
      </Shown>
      <div class="row">
        <button
          type="button"
          class="button primary"
          disabled={refused !== null || retried}
          title={refused ?? undefined}
          onClick={retry}
        >
          {retried ? 'Published again' : 'Retry'}
        </button>
        <span class="muted small">
          It is published again as it came; what gets through this time are new entries.
        </span>
      </div>
    </Dialog>
  );
}
