/** Structured data of RFC 5424 (6.3): `[id name="value" …][…]` or `-`, to JSON text. Values may hold `\"`, `\\`, `\]`. */
export interface StructuredData {
  /** `{"id":{"name":"value"}}`, or '' for none. */
  readonly json: string;
  readonly end: number;
}

/** Reads structured data at `start`; null: what stands there is none. */
export function readStructuredData(text: string, start: number): StructuredData | null {
  if (text.charCodeAt(start) === 0x2d) return { json: '', end: start + 1 };
  const elements = new Map<string, Record<string, string | string[]>>();
  let at = start;
  while (text.charCodeAt(at) === 0x5b) {
    const element = readElement(text, at + 1);
    if (element === null) return null;
    elements.set(element.id, element.params);
    at = element.end;
  }
  return at === start ? null : { json: JSON.stringify(Object.fromEntries(elements)), end: at };
}

const NAME = /[^\s="\]]{1,64}/y;

function nameAt(text: string, at: number): string | null {
  NAME.lastIndex = at;
  return NAME.exec(text)?.[0] ?? null;
}

function readElement(text: string, start: number) {
  const id = nameAt(text, start);
  if (id === null) return null;
  const params: Record<string, string | string[]> = Object.create(null) as Record<string, string>;
  let at = start + id.length;
  while (text.charCodeAt(at) === 0x20) {
    const name = nameAt(text, at + 1);
    if (name === null || !text.startsWith('="', at + 1 + name.length)) return null;
    const value = readValue(text, at + name.length + 3);
    if (value === null) return null;
    const before = params[name];
    // A name may repeat (6.3.3, `ip`).
    params[name] = before === undefined ? value.text : [before, value.text].flat();
    at = value.end;
  }
  return text.charCodeAt(at) === 0x5d ? { id, params, end: at + 1 } : null;
}

function readValue(text: string, start: number): { text: string; end: number } | null {
  let at = start;
  for (let code = text.charCodeAt(at); code !== 0x22; code = text.charCodeAt(at)) {
    if (Number.isNaN(code)) return null;
    at += code === 0x5c ? 2 : 1;
  }
  const raw = text.slice(start, at);
  return { text: raw.includes('\\') ? raw.replaceAll(/\\(["\\\]])/g, '$1') : raw, end: at + 1 };
}
