/** Which time is shown: the last so much, or from one instant to another. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../element/icon.tsx';
import { place } from '../route.ts';
import { LAST_TEXTS, LASTS, setLast, setSpan, spanOf } from '../span.ts';
import { momentText } from '../time.ts';

export function SpanPicker() {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const span = spanOf(place.value.query, Date.now());
  useEffect(() => {
    if (!open) return;
    const away = (event: Event): void => {
      if (!box.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', away);
    return () => document.removeEventListener('pointerdown', away);
  }, [open]);
  const text =
    span.last !== null
      ? (LAST_TEXTS[span.last] ?? `Last ${span.last}`)
      : `${momentText(span.fromMs)} – ${momentText(span.toMs)}`;
  return (
    <div
      class="popover-box"
      ref={box}
      onKeyDown={(event) => {
        if (event.key === 'Escape') setOpen(false);
      }}
    >
      <button
        type="button"
        class="button"
        aria-expanded={open}
        aria-haspopup="dialog"
        onClick={() => setOpen(!open)}
      >
        <Icon name="clock" />
        <span class="span-text">{text}</span>
      </button>
      {open && (
        <div class="popover" role="dialog" aria-label="Range of time">
          <div class="choices">
            {LASTS.map((last) => (
              <button
                type="button"
                key={last}
                class="choice"
                aria-pressed={span.last === last}
                onClick={() => {
                  setLast(last);
                  setOpen(false);
                }}
              >
                {LAST_TEXTS[last]}
              </button>
            ))}
          </div>
          <Between fromMs={span.fromMs} toMs={span.toMs} onDone={() => setOpen(false)} />
        </div>
      )}
    </div>
  );
}

function Between({ fromMs, toMs, onDone }: { fromMs: number; toMs: number; onDone: () => void }) {
  const [from, setFrom] = useState(inputText(fromMs));
  const [to, setTo] = useState(inputText(toMs));
  const [fromAt, toAt] = [Date.parse(from), Date.parse(to)];
  const valid = fromAt < toAt;
  return (
    <form
      class="between"
      onSubmit={(event) => {
        event.preventDefault();
        if (!valid) return;
        setSpan(fromAt, toAt);
        onDone();
      }}
    >
      <label>
        From
        <input
          type="datetime-local"
          step="1"
          value={from}
          onInput={(event) => setFrom(event.currentTarget.value)}
        />
      </label>
      <label>
        To
        <input
          type="datetime-local"
          step="1"
          value={to}
          onInput={(event) => setTo(event.currentTarget.value)}
        />
      </label>
      <p class="muted small">In your zone, {Intl.DateTimeFormat().resolvedOptions().timeZone}.</p>
      <button type="submit" class="button primary" disabled={!valid}>
        Show
      </button>
    </form>
  );
}

/** As an input of type datetime-local has it: the viewer's zone, without saying so. */
function inputText(atMs: number): string {
  const local = new Date(atMs - new Date(atMs).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}
