/**
 * Members of JSON objects put in order of their names, in the bytes where they stand: what a log's labels need most
 * often to be canonical, at a tenth of the cost of reading and writing the text anew.
 * Takes only text that scanJson called 'unordered': JSON without white space and escapes.
 */

const codeOf = (text: string): number => text.charCodeAt(0);
const QUOTE = codeOf('"');
const OPEN = codeOf('{');
const CLOSE = codeOf('}');
const OPEN_LIST = codeOf('[');
const CLOSE_LIST = codeOf(']');
const COMMA = codeOf(',');

/** Sorting by insertion is quick for few; an object with more is left to others. */
const MAX_MEMBERS = 256;

/**
 * Orders the text from `start` on; false where an object repeats a name or has more than `MAX_MEMBERS`, and then parts
 * of it may be ordered.
 */
export function orderMembers(bytes: Buffer, start: number): boolean {
  order.bytes = bytes;
  order.count = 0;
  order.refused = false;
  value(start);
  return !order.refused;
}

interface Order {
  bytes: Buffer;
  /** Where the members of the open objects start and end, innermost last. */
  starts: Int32Array<ArrayBuffer>;
  ends: Int32Array<ArrayBuffer>;
  count: number;
  copy: Buffer;
  refused: boolean;
}

/** Work space, kept from text to text: nothing is made for a row. */
const order: Order = {
  bytes: Buffer.alloc(0),
  starts: new Int32Array(64),
  ends: new Int32Array(64),
  count: 0,
  copy: Buffer.alloc(4_096),
  refused: false,
};

/** Each returns the place after what it read. */
function value(at: number): number {
  const code = order.bytes[at]!;
  if (code === QUOTE) return string(at);
  if (code === OPEN) return object(at);
  if (code === OPEN_LIST) return list(at);
  return scalar(at);
}

function string(at: number): number {
  const { bytes } = order;
  let end = at + 1;
  while (bytes[end] !== QUOTE) end++;
  return end + 1;
}

function scalar(at: number): number {
  const { bytes } = order;
  for (let end = at; ; end++) {
    const code = bytes[end]!;
    if (code === COMMA || code === CLOSE || code === CLOSE_LIST) return end;
  }
}

function list(at: number): number {
  const { bytes } = order;
  let end = at + 1;
  if (bytes[end] === CLOSE_LIST) return end + 1;
  for (;;) {
    end = value(end);
    if (bytes[end++] === CLOSE_LIST) return end;
  }
}

function object(at: number): number {
  const { bytes } = order;
  let end = at + 1;
  if (bytes[end] === CLOSE) return end + 1;
  const first = order.count;
  let ordered = true;
  for (;;) {
    const start = end;
    end = value(string(start) + 1);
    ordered = place(first, start, end) && ordered;
    if (bytes[end++] === CLOSE) break;
  }
  if (!ordered && !order.refused) write(at + 1, end - 1, first);
  order.count = first;
  return end;
}

/** Puts a member among those of its object, which begin at `first`; false where it is not the last of them. */
function place(first: number, start: number, end: number): boolean {
  const at = order.count++;
  if (at - first >= MAX_MEMBERS) order.refused = true;
  if (order.refused) return true;
  if (at === order.starts.length) {
    order.starts = grown(order.starts);
    order.ends = grown(order.ends);
  }
  const { starts, ends } = order;
  let to = at;
  while (to > first && before(start, starts[to - 1]!)) {
    starts[to] = starts[to - 1]!;
    ends[to] = ends[to - 1]!;
    to--;
  }
  starts[to] = start;
  ends[to] = end;
  return to === at;
}

/** Does the name at `a` come before the one at `b`? In UTF-8 the order of bytes is that of characters. */
function before(a: number, b: number): boolean {
  const { bytes } = order;
  for (let i = 1; ; i++) {
    const one = bytes[a + i]!;
    const other = bytes[b + i]!;
    if (one === QUOTE && other === QUOTE) {
      order.refused = true;
      return false;
    }
    // The quote ends a name, though `!` is lower than it.
    if (one !== other) return one === QUOTE || (other !== QUOTE && one < other);
  }
}

/** Writes the members of an object in their order. */
function write(start: number, end: number, first: number): void {
  const { bytes } = order;
  const size = end - start;
  if (order.copy.length < size) order.copy = Buffer.alloc(size * 2);
  bytes.copy(order.copy, 0, start, end);
  let to = start;
  for (let i = first; i < order.count; i++) {
    if (i > first) bytes[to++] = COMMA;
    const from = order.starts[i]! - start;
    const until = order.ends[i]! - start;
    for (let k = from; k < until; k++) bytes[to++] = order.copy[k]!;
  }
}

function grown(held: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(held.length * 2);
  copy.set(held);
  return copy;
}
