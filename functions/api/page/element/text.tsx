/** Small pieces that stand in many views: times, health, severities, verdicts, text that nobody vouches for. */
import type { ComponentChildren } from 'preact';
import { servicePath } from '../route.ts';
import { shortSeverity, toneOf } from '../severity.ts';
import { agoText, clockText, momentText, utcText } from '../time.ts';
import { now } from './now.ts';

export interface TimeProps {
  /** ISO 8601, as the API says it. */
  readonly at: string;
  /** clock: today's; moment: with the day; ago: how long since. */
  readonly as?: 'clock' | 'moment' | 'ago';
  readonly millis?: boolean;
}

/** In the viewer's zone; UTC, to the microsecond, on hover. */
export function Time({ at, as = 'moment', millis = false }: TimeProps) {
  const ms = Date.parse(at);
  const text =
    as === 'ago'
      ? agoText(ms, now.value)
      : as === 'clock'
        ? clockText(ms, { millis })
        : momentText(ms, Date.now(), { millis });
  return (
    <time dateTime={at} title={as === 'ago' ? `${momentText(ms)} · ${utcText(at)}` : utcText(at)}>
      {text}
    </time>
  );
}

/**
 * Text from a log: shown as text, left to right, in its own bidirectional island, with what is invisible made visible:
 * controls, zero-width characters and direction marks can make a line look like another one.
 */
export const Raw = ({ text }: { text: string }) => <bdi class="raw">{visible(text)}</bdi>;

/** Marks that cannot be seen become their code in ⟨ ⟩. */
export const visible = (text: string): string =>
  text.replace(
    /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\u{e0000}-\u{e007f}]/gu,
    (mark) => `⟨${mark.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}⟩`,
  );

export const ServiceLink = ({ name }: { name: string }) => (
  <a href={servicePath(name)} class="service-link">
    <Raw text={name} />
  </a>
);

export const Severity = ({ name }: { name: string }) => (
  <span class={`severity tone-${toneOf(name)}`} title={name}>
    {shortSeverity(name)}
  </span>
);

export type Shade = 'good' | 'warning' | 'error' | 'critical' | 'info' | 'quiet';

/** A word with a dot: never colour alone. */
export const Badge = ({
  shade,
  children,
  title,
}: {
  shade: Shade;
  children: ComponentChildren;
  title?: string;
}) => (
  <span class={`badge shade-${shade}`} title={title}>
    {children}
  </span>
);

export const healthShade = (health: string): Shade =>
  health === 'failing' ? 'error' : health === 'degraded' ? 'warning' : health === 'silent' ? 'quiet' : 'good';

export const verdictShade = (verdict: string | null): Shade =>
  verdict === 'page' ? 'error' : verdict === 'ticket' ? 'warning' : verdict === 'info' ? 'info' : 'quiet';

export const stateShade = (state: string): Shade =>
  state === 'firing' || state === 'flapping'
    ? 'error'
    : state === 'pending'
      ? 'warning'
      : state === 'resolved'
        ? 'good'
        : 'quiet';

/** 0 to 1 as a bar with its figure. */
export function Gauge({ share, text, shade }: { share: number; text: string; shade: Shade }) {
  const width = `${Math.round(Math.min(1, Math.max(0, share)) * 100)}%`;
  return (
    <span class={`gauge shade-${shade}`}>
      <span class="gauge-track" aria-hidden="true">
        <span class="gauge-fill" style={{ width }} />
      </span>
      <span class="gauge-text">{text}</span>
    </span>
  );
}
