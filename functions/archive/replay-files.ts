/**
 * Which files a replay of a span of event time must read: those of the span itself and a margin around it, for
 * entries that came late or from clocks that are ahead; and those of any other hour in which log_entries says that
 * entries of the span were published, such as backfill of months later.
 */
import type { Archive, Span } from './archive.ts';
import type { History } from './history.ts';
import type { ArchiveFile } from './message-file.ts';

const HOUR_MS = 3_600_000;
/** The archive may be so far behind Pub/Sub that a message is in a file begun later. */
const LAG_MS = 600_000;

/** The files, by name. */
export async function filesFor(
  events: Span,
  marginMs: number,
  { archive, history }: { readonly archive: Archive; readonly history: History },
): Promise<readonly ArchiveFile[]> {
  const around = { fromMs: events.fromMs - marginMs, toMs: events.toMs + marginMs };
  const hours = await history.publishedHours(events);
  const spans = [around, ...hours.map((hour) => ({ fromMs: hour, toMs: hour + HOUR_MS + LAG_MS }))];
  const files = new Map<string, ArchiveFile>();
  for (const span of joined(spans)) for (const file of await archive.files(span)) files.set(file.name, file);
  return [...files.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Spans that overlap or touch, made one. */
export function joined(spans: readonly Span[]): Span[] {
  const out: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = out.at(-1);
    if (last === undefined || span.fromMs > last.toMs) out.push(span);
    else out[out.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, span.toMs) };
  }
  return out;
}
