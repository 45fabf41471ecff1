/** A titled region of a view, and the states that each has: nothing yet, nothing at all, failed. */
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { ApiError } from '../request.ts';
import type { Resource } from '../resource.ts';

export interface PanelProps {
  readonly title: ComponentChildren;
  /** A figure or a word beside the title. */
  readonly note?: ComponentChildren;
  readonly actions?: ComponentChildren;
  readonly class?: string;
  readonly children: ComponentChildren;
}

export function Panel({ title, note, actions, children, ...rest }: PanelProps) {
  const id = useId();
  return (
    <section class={`panel ${rest.class ?? ''}`} aria-labelledby={id}>
      <header class="panel-head">
        <h2 id={id}>{title}</h2>
        {note !== undefined && <span class="muted">{note}</span>}
        {actions !== undefined && <div class="panel-actions">{actions}</div>}
      </header>
      {children}
    </section>
  );
}

/** A designed nothing: what it means, and what to do. */
export const Empty = ({ title, children }: { title: string; children?: ComponentChildren }) => (
  <div class="empty">
    <strong>{title}</strong>
    {children !== undefined && <p>{children}</p>}
  </div>
);

/** What went wrong, with what to quote when asking for help. */
export function Failure({ error, retry }: { error: Error; retry?: (() => void) | undefined }) {
  const api = error instanceof ApiError ? error : null;
  const title =
    api?.status === 403
      ? 'Not allowed'
      : api?.status === 0
        ? 'The API cannot be reached'
        : api?.status === 429
          ? 'Too many questions'
          : 'That did not work';
  return (
    <div class="empty failure" role="alert">
      <strong>{title}</strong>
      <p class="plain">{error.message}</p>
      {api?.requestId != null && <p class="muted small">Request {api.requestId}</p>}
      {retry !== undefined && api?.status !== 403 && (
        <button type="button" class="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** Grey lines where text will stand. */
export const Waiting = ({ lines = 4 }: { lines?: number }) => (
  <div class="waiting" role="status" aria-label="Loading">
    {Array.from({ length: lines }, (_, index) => (
      <span key={index} class={`bone bone-${index % 3}`} />
    ))}
  </div>
);

export interface ShownProps<T> {
  readonly of: Resource<T>;
  readonly children: (data: T) => ComponentChildren;
  readonly lines?: number;
}

/** The answer; bones before the first one; the failure, above the last answer if there is one. */
export function Shown<T>({ of, children, lines }: ShownProps<T>) {
  const { data, error, refresh, loading } = of;
  if (data === undefined) {
    return error === undefined ? (
      <Waiting {...(lines === undefined ? {} : { lines })} />
    ) : (
      <Failure error={error} retry={refresh} />
    );
  }
  return (
    <div class={loading ? 'shown is-stale' : 'shown'} aria-busy={loading}>
      {error !== undefined && (
        <p class="banner" role="alert">
          Shown as it was: {error.message}
        </p>
      )}
      {children(data)}
    </div>
  );
}
