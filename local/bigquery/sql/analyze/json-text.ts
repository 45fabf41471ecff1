/**
 * JSON literals in BigQuery's canonical form: no white space, members in order of their names, of repeated names
 * the first. Numbers keep their text where a double would lose digits is refused.
 */

/** Canonical text, or null where it is no JSON. */
export function canonicalJson(text: string): string | null {
  let at = 0;
  const fail = (): never => {
    throw new SyntaxError('json');
  };
  const space = (): void => {
    while (' \t\n\r'.includes(text[at] ?? 'x')) at += 1;
  };
  const string = (): string => {
    const start = at;
    at += 1;
    while (text[at] !== '"') {
      if (at >= text.length) fail();
      at += text[at] === '\\' ? 2 : 1;
    }
    at += 1;
    return JSON.stringify(JSON.parse(text.slice(start, at)));
  };
  const value = (depth: number): string => {
    if (depth > 500) fail();
    space();
    const character = text[at];
    if (character === '"') return string();
    if (character === '{') return object(depth);
    if (character === '[') return array(depth);
    const token = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/.exec(
      text.slice(at, at + 400),
    )?.[0];
    if (token === undefined) return fail();
    at += token.length;
    return /^[-\d]/.test(token) ? (numberText(token) ?? fail()) : token;
  };
  const array = (depth: number): string => {
    const items: string[] = [];
    at += 1;
    space();
    if (text[at] === ']') {
      at += 1;
      return '[]';
    }
    for (;;) {
      items.push(value(depth + 1));
      space();
      const mark = text[at++];
      if (mark === ']') return `[${items.join(',')}]`;
      if (mark !== ',') fail();
    }
  };
  const object = (depth: number): string => {
    const members = new Map<string, string>();
    at += 1;
    space();
    if (text[at] === '}') {
      at += 1;
      return '{}';
    }
    for (;;) {
      space();
      if (text[at] !== '"') fail();
      const name = string();
      space();
      if (text[at++] !== ':') fail();
      const member = value(depth + 1);
      if (!members.has(name)) members.set(name, member);
      space();
      const mark = text[at++];
      if (mark === '}') break;
      if (mark !== ',') fail();
    }
    const names = [...members.keys()].sort((a, b) =>
      Buffer.compare(Buffer.from(JSON.parse(a)), Buffer.from(JSON.parse(b))),
    );
    return `{${names.map((name) => `${name}:${members.get(name)}`).join(',')}}`;
  };
  try {
    const out = value(0);
    space();
    return at === text.length ? out : null;
  } catch {
    return null;
  }
}

/** An integer of 64 bits as it is; other numbers as their double, if it is the same number. */
function numberText(token: string): string | null {
  if (/^-?\d+$/.test(token)) {
    const value = BigInt(token);
    if (value >= -(2n ** 63n) && value < 2n ** 64n) return value.toString();
  }
  const value = Number(token);
  return Number.isFinite(value) ? String(value) : null;
}
