/**
 * Stack trace → class, top frame and a fingerprint that is the same for the same fault at another line, with another
 * message, in another process: it is made of the classes of the exception and its causes and of the names of the first
 * five frames, without line numbers, addresses and generated parts.
 */
import { createHash } from 'node:crypto';

export interface Exception {
  readonly type: string;
  /** Frame where it was raised: function with file and line, as the trace has it. */
  readonly frame: string | null;
  /** Class of the innermost cause, where there is one. */
  readonly cause: string | null;
  readonly fingerprint: string;
}

const MAX_LINES = 2000;
const FRAMES = 5;

/** What one language's trace yields: classes from the outside in, frames from the top. */
interface Trace {
  readonly types: readonly string[];
  readonly frames: readonly string[];
}

/** Finds the exception in a text; null: there is no trace in it. `known`: its class, where a field gave it. */
export function exceptionOf(text: string, known: string | null = null): Exception | null {
  const lines = text.split('\n', MAX_LINES);
  const trace =
    frames(lines) ??
    python(lines, known) ??
    go(lines) ??
    php(lines) ??
    ruby(lines) ??
    rust(lines) ??
    goStack(lines);
  if (trace === null) return null;
  const type = known ?? trace.types[0];
  return type === undefined ? null : describe(trace, type);
}

function describe(trace: Trace, type: string): Exception {
  const names = trace.frames.slice(0, FRAMES).map(nameOf);
  return {
    type,
    frame: trace.frames[0] ?? null,
    cause: trace.types.length > 1 ? trace.types.at(-1)! : null,
    fingerprint: createHash('sha256')
      .update([...trace.types, ...names].join('\n'))
      .digest('hex')
      .slice(0, 16),
  };
}

/** A frame without what changes from build to build or run to run. */
function nameOf(frame: string): string {
  return frame
    .replace(/\$\$Lambda.*$/, '$$$$Lambda')
    .replaceAll(/\(.*$|:\d+(?::\d+)?|line \d+|0x[\da-f]+|\+0x[\da-f]+/g, '')
    .replaceAll(/\$\$[\w$]+?\$\$[\da-f]+/g, '$$$$generated')
    .replaceAll(/\d+/g, '0')
    .trim();
}

const AT = /^\s+at (?:async )?(.{1,500}?)\s*$/;
const CLASS = /(?:^|[\s"])((?:[A-Za-z_$][\w$]*[.\\])*[A-Za-z_$][\w$]*)(?:: |:$|$| \[|\s*\()/;
const CAUSE = /^\s*(?:(?:Caused by|Wrapped by): |---> )((?:[\w$]+[.])*[\w$]+)/;

/** Java, Node.js, .NET: a line with the class, then `at …`. */
function frames(lines: readonly string[]): Trace | null {
  const first = lines.findIndex((line) => AT.test(line));
  if (first < 0) return null;
  const causes = lines.map((line) => CAUSE.exec(line)?.[1]).filter((type) => type !== undefined);
  const at = lines.map((line) => AT.exec(line)?.[1]).filter((frame) => frame !== undefined);
  const type = classBefore(lines, first);
  return type === null ? null : { types: [type, ...causes], frames: at };
}

/** The class named nearest above the first frame; a message of several lines may stand between. */
function classBefore(lines: readonly string[], first: number): string | null {
  for (let i = first - 1; i >= 0 && i >= first - 20; i--) {
    if (CAUSE.test(lines[i]!)) continue;
    const line = lines[i]!.replace(
      /^(?:Exception in thread "[^"]{0,200}"|Unhandled exception\.|Uncaught|Unhandled Exception:)\s+/i,
      '',
    );
    const type = THROWN.exec(line)?.[1] ?? (i === first - 1 ? CLASS.exec(line)?.[1] : undefined);
    if (type !== undefined && /[A-Z]/.test(type)) return type;
  }
  return null;
}

const THROWN =
  /(?:^|[\s:"])((?:[A-Za-z_$][\w$]*[.])*[A-Za-z_$][\w$]*(?:Exception|Error|Throwable|Fault|Interrupt))(?=[:\s([]|$)/;

const PYTHON_FILE = /^\s*(?:\| )?\s*File "([^"]{1,400})", line (\d+)(?:, in (.{1,200}))?/;
const PYTHON_TYPE = /^\s*(?:\| )?([A-Za-z_][\w.]{0,150})(?::\s|:?$)/;

/** Python: frames from the outside in; the class behind them. Chained tracebacks: the last is what was raised. */
function python(lines: readonly string[], known: string | null): Trace | null {
  const types: string[] = [];
  let frames: string[] = [];
  let current: string[] = [];
  for (const line of lines) {
    const file = PYTHON_FILE.exec(line);
    if (file !== null) {
      current.push(`${file[3] ?? '<module>'} (${file[1]}:${file[2]})`);
      continue;
    }
    if (current.length === 0 || /^\s/.test(line)) continue;
    const type = PYTHON_TYPE.exec(line)?.[1];
    if (type === undefined) continue;
    types.unshift(type);
    frames = current.reverse();
    current = [];
  }
  // A stack that is a field of its own may lack the line with the class.
  if (types.length === 0 && current.length > 0 && known !== null)
    return { types: [known], frames: current.reverse() };
  return types.length === 0 ? null : { types, frames };
}

/** zap's stack: function and place by turns, without a class. */
function goStack(lines: readonly string[]): Trace | null {
  const frames: string[] = [];
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const place = /^\t(\S{1,300}\.go:\d+)/.exec(lines[i + 1]!)?.[1];
    if (place === undefined) break;
    frames.push(`${lines[i]} (${place})`);
  }
  return frames.length === 0 ? null : { types: ['error'], frames };
}

/** Go: the first function that is not of the runtime. */
function go(lines: readonly string[]): Trace | null {
  const start = lines.findIndex((line) => /^goroutine \d+ \[/.test(line));
  if (start < 0) return null;
  const head = lines.slice(0, start).find((line) => /(?:^|\s)(?:panic|fatal error): /.test(line)) ?? '';
  const type =
    /panic: (runtime error)/.exec(head)?.[1] ?? (head.includes('fatal error: ') ? 'fatal error' : 'panic');
  const frames: string[] = [];
  for (let i = start + 1; i < lines.length && lines[i] !== ''; i++) {
    const call = /^(?!created by |goroutine |panic\(|runtime[./])(\S.{0,400})\([^()]*\)$/.exec(
      lines[i]!,
    )?.[1];
    if (call === undefined) continue;
    const place = /^\s+(\S+:\d+)/.exec(lines[i + 1] ?? '')?.[1];
    frames.push(place === undefined ? call : `${call} (${place})`);
  }
  return { types: [type], frames };
}

const PHP_TYPE = /(?:Uncaught|Next) ((?:[A-Za-z_]\w*\\)*[A-Za-z_]\w*)(?:: |\s)/;

function php(lines: readonly string[]): Trace | null {
  const frames = lines
    .map((line) => /^(?:PHP )?#\d+ (.{1,500})$/.exec(line)?.[1])
    .filter((frame) => frame !== undefined);
  if (frames.length === 0) return null;
  const types = lines.map((line) => PHP_TYPE.exec(line)?.[1]).filter((type) => type !== undefined);
  const raised = lines.map((line) => / in (\S+:\d+)$/.exec(line)?.[1]).find((place) => place !== undefined);
  const calls = frames
    .filter((frame) => frame !== '{main}')
    .map((frame) => frame.replace(/^(\S+)\((\d+)\): /, '$1:$2 '));
  return {
    types: types.length === 0 ? ['Error'] : types,
    frames: raised === undefined ? calls : [raised, ...calls],
  };
}

const RUBY_FRAME = /^\s*(?:from )?(\S{1,300}:\d+:in [`'][^`']{1,200}')(?:: (.*))?$/;

function ruby(lines: readonly string[]): Trace | null {
  const matches = lines.map((line) => RUBY_FRAME.exec(line)).filter((match) => match !== null);
  if (matches.length === 0) return null;
  const type = lines
    .map((line) => /\(([A-Z]\w*(?:::\w+)*)\)\s*$/.exec(line)?.[1])
    .find((found) => found !== undefined);
  return type === undefined ? null : { types: [type], frames: matches.map((match) => match[1]!) };
}

function rust(lines: readonly string[]): Trace | null {
  const place = /^thread '[^']{0,100}' (?:\(\d+\) )?panicked at (?:'.{0,1000}', )?([^\s,]+:\d+:\d+)/.exec(
    lines[0] ?? '',
  )?.[1];
  return place === undefined ? null : { types: ['panic'], frames: [place] };
}
