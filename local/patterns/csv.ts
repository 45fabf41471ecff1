/**
 * CSV after RFC 4180: fields in quotes may hold commas, line breaks and doubled quotes; records end in LF or CRLF.
 * A quote that is never closed takes the rest of the file into its field, as the grammar says.
 */

/** Records, the header among them. Empty lines are none. */
export function* recordsOf(blocks: Iterable<string>): Generator<string[]> {
  const state: State = { record: [], field: '', quoted: false, closed: false, kept: 0 };
  for (const block of blocks) yield* recordsIn(block, state);
  if (state.field !== '' || state.record.length > 0 || state.quoted) yield end(state);
}

interface State {
  record: string[];
  /** The field so far. */
  field: string;
  /** Inside quotes. */
  quoted: boolean;
  /** The last character was a quote inside quotes: the end of them, or the first of two. */
  closed: boolean;
  /** Characters of the field that stood in quotes: no line end among them is cut off. */
  kept: number;
}

function* recordsIn(block: string, state: State): Generator<string[]> {
  let from = 0;
  const take = (to: number): void => {
    if (to > from) state.field += block.slice(from, to);
    from = to + 1;
  };
  for (let i = 0; i < block.length; i++) {
    const code = block.charCodeAt(i);
    if (state.closed) {
      state.closed = false;
      if (code === 0x22) {
        state.field += '"';
        from = i + 1;
        continue;
      }
      state.quoted = false;
      state.kept = state.field.length;
    }
    if (state.quoted) {
      if (code !== 0x22) continue;
      take(i);
      state.closed = true;
    } else if (code === 0x22 && state.field === '' && from === i) {
      state.quoted = true;
      from = i + 1;
    } else if (code === 0x2c) {
      take(i);
      state.record.push(state.field);
      state.field = '';
      state.kept = 0;
    } else if (code === 0x0a) {
      take(i);
      const record = end(state);
      if (record.length > 1 || record[0] !== '') yield record;
    }
  }
  take(block.length);
}

function end(state: State): string[] {
  const { record, field } = state;
  const cut = field.endsWith('\r') && field.length > state.kept && !state.closed;
  record.push(cut ? field.slice(0, -1) : field);
  state.record = [];
  state.field = '';
  state.quoted = false;
  state.closed = false;
  state.kept = 0;
  return record;
}

/** The fields of one column, by the name that the header gives it. */
export function* columnOf(blocks: Iterable<string>, name: string): Generator<string> {
  let at = -1;
  for (const record of recordsOf(blocks)) {
    if (at !== -1) {
      yield record[at] ?? '';
      continue;
    }
    at = record.indexOf(name);
    if (at === -1) throw new Error(`no column '${name}'; there are: ${record.join(', ')}`);
  }
}
