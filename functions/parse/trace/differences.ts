/**
 * What a line that is joined to an event has beside its text: labels and fields of its wrapper that the event's first
 * line does not have, or has otherwise (an offset in a file, a tag). They are kept, so that joining loses nothing but
 * the times of the further lines.
 */
import { type Draft, quoted } from '../draft.ts';

const FIELDS = [
  'service',
  'instance',
  'http_status',
  'latency_ms',
  'error_code',
  'trace_id',
  'span_id',
  'request_id',
  'user_id',
] as const;

/** As the text of a JSON object; null: nothing differs. */
export function differencesOf(draft: Draft, first: Draft): string | null {
  const members: string[] = [];
  draft.labelNames.forEach((name, i) => {
    const at = first.labelNames.indexOf(name);
    const value = draft.labelValues[i]!;
    if (at < 0 || first.labelValues[at] !== value) members.push(`${quoted(name)}:${value}`);
  });
  for (const name of FIELDS) {
    const value = draft.entry[name];
    if (value === null || value === '' || value === first.entry[name]) continue;
    // A label may have the field's name.
    const free = draft.labelNames.includes(name) ? `entry.${name}` : name;
    members.push(`"${free}":${JSON.stringify(value)}`);
  }
  return members.length === 0 ? null : `{${members.join()}}`;
}
