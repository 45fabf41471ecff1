/** Every other field of an entry: its labels, as paths and values. */
import { Raw } from '../element/text.tsx';

/** More are not shown: a log may have any number. */
const MOST = 200;

/** `{a: {b: 1}}` → `a.b` `1`. Deep or long ones stay JSON. Pure. */
export function flattened(labels: unknown, prefix = '', depth = 0): [string, string][] {
  if (labels === null || typeof labels !== 'object' || Array.isArray(labels) || depth > 5) {
    return [[prefix, typeof labels === 'string' ? labels : JSON.stringify(labels)]];
  }
  const found: [string, string][] = [];
  for (const [name, value] of Object.entries(labels)) {
    if (found.length >= MOST) break;
    found.push(...flattened(value, prefix === '' ? name : `${prefix}.${name}`, depth + 1));
  }
  return found;
}

export function Labels({ labels }: { labels: unknown }) {
  if (labels === null || labels === undefined) return null;
  const rows = flattened(labels);
  if (rows.length === 0) return null;
  return (
    <>
      <h2 class="detail-title">Labels</h2>
      <dl class="fields">
        {rows.slice(0, MOST).map(([name, value], index) => (
          <>
            <dt key={`${index} name`}>
              <Raw text={name} />
            </dt>
            <dd key={index} class="mono">
              <Raw text={value.slice(0, 4000)} />
            </dd>
          </>
        ))}
      </dl>
    </>
  );
}
