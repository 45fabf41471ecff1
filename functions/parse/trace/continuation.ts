/**
 * Whether a line continues the event before it. Traces of Java, Kotlin and Scala, Python, Node.js, Go, Ruby, .NET, PHP and
 * Rust have their shapes; besides, an indented line continues an event that has a header of its own.
 */

/** What an event has shown of a trace so far: decides which further lines are of it. */
export type TraceKind =
  | 'none'
  | 'frames'
  | 'python'
  | 'python_end'
  | 'go'
  | 'php'
  | 'ruby'
  | 'node'
  | 'rust'
  | 'pem'
  | 'windows';

/** The event a line may belong to. */
export interface OpenEvent {
  readonly kind: TraceKind;
  /** It began with a time or a level, as a logger writes them. */
  readonly headed: boolean;
  /** Its severity is WARNING or above, or not known: an exception printed after it is its own. */
  readonly mayThrow: boolean;
  /** Lines so far. */
  readonly lines: number;
}

/** Lines that are of a trace wherever they stand. */
const FRAME =
  /^\s+at \S|^\s*\.\.\. \d+ (?:more|common frames omitted)|^\s+File "|^\s+from \S+:\d+|^\s*---> |^\s+--- End of |^--- End of |^(?:Caused by|Suppressed|Wrapped by): |^\s+(?:Caused by|Suppressed): |^\s*\[CIRCULAR REFERENCE/;
/** First lines of what a program prints after its log line, or alone. */
const TRACEBACK = /^Traceback \(most recent call last\):|^\s*\+ Exception Group Traceback/;
const EXCEPTION =
  /^(?:Exception in thread "[^"]{0,200}" |Uncaught |Unhandled exception\. )?(?:[A-Za-z_$][\w$]*[.\\])*[\w$]*(?:Exception|Error|Throwable|Fault|Interrupt)(?::|$| \[|\s*\()/;
const PYTHON_REST = /^(?:During handling of the above exception|The above exception was the direct cause)/;
const PYTHON_LAST = /^[A-Za-z_][\w.]{0,120}(?::|$)/;
const GO_START = /^(?:panic: |fatal error: |goroutine \d+ \[|SIG[A-Z]+: )/;
const GO_LINE =
  /^(?:goroutine \d+ |created by |\[signal |exit status \d|panic: |\t?runtime\.|[\w./*()\-[\]{}·]+\(.{0,400}\)$|[\w./-]+\.go:\d+ )/;
const PHP_START = /^(?:PHP )?(?:Fatal error|Warning|Notice|Parse error|Uncaught)[: ].{0,4000}$/;
const PHP_LINE = /^(?:PHP )?(?:Stack trace:|#\d+ |Next |PHP +\d+\. )|^(?:PHP )? +(?:thrown in|\d+\. )/;
const RUBY_LINE = /^\S{1,300}:\d+:in [`']/;
const NODE_SOURCE = /^(?:\/|file:\/\/|node:|[A-Za-z]:\\)\S{0,400}:\d+$/;
const NODE_LINE = /^(?:[A-Za-z.]{0,60}Error\b|\}|\{|Node\.js v\d|Thrown at:|throw |\s*\^+\s*$)/;
const RUST_START = /^thread '[^']{0,100}' (?:\(\d+\) )?panicked at /;
const RUST_LINE = /^(?:stack backtrace:|note: |\s+\d+: )/;
const PEM_START = /-----BEGIN [A-Z0-9 ]{1,40}-----\s*$/;
const PEM_LINE = /^(?:[A-Za-z0-9+/=]{1,80}|-----END [A-Z0-9 ]{1,40}-----|[A-Za-z-]{1,20}: .{0,100})$/;
const WINDOWS_LINE = /^(?: *[A-Z][A-Za-z ]{1,40}:(?:\s|$)|\s)/;

const HINT =
  /^\s|^$|Exception|Error|Throwable|Fault|Interrupt|Traceback|Exception Group|^Caused by|^Suppressed|^Wrapped by|panic|fatal error|^goroutine |^SIG|^-|^PHP |Stack trace:|:in [`']|:\d+$|-----BEGIN |^Log Name|^#\d|^Next |^\.\.\. /;

/** Cheap: whether a line can begin or continue a trace, where none is open. */
export const mayBeTrace = (line: string): boolean => HINT.test(line);

/** Kind of trace that a line begins; null: none. */
export function kindOf(line: string): TraceKind | null {
  const code = line.charCodeAt(0);
  if (TRACEBACK.test(line)) return 'python';
  if (GO_START.test(line)) return 'go';
  if (FRAME.test(line)) return line.includes('File "') ? 'python' : 'frames';
  if (EXCEPTION.test(line)) return 'frames';
  if (code === 0x50 && PHP_START.test(line)) return 'php';
  if (code === 0x46 && /^Fatal error: .{0,4000} in \S+:\d+$/.test(line)) return 'php';
  if (RUBY_LINE.test(line)) return 'ruby';
  if (RUST_START.test(line)) return 'rust';
  if (NODE_SOURCE.test(line)) return 'node';
  if (PEM_START.test(line)) return 'pem';
  if (code === 0x4c && /^Log Name: /.test(line)) return 'windows';
  return null;
}

/** Whether `line`, which has no header of its own, is of the event. */
export function continues(event: OpenEvent, line: string): boolean {
  const code = line.charCodeAt(0);
  const indented = code === 0x20 || code === 0x09;
  if (line.trim() === '') return event.kind !== 'none' && event.kind !== 'frames' && event.kind !== 'pem';
  if (FRAME.test(line)) return event.kind !== 'none' || event.headed || !/^(?:Caused by|\s+from )/.test(line);
  if (indented) return event.kind !== 'none' || event.headed;
  if (ofKind(event, line)) return true;
  if (!event.headed || !event.mayThrow) return false;
  return (
    event.kind === 'none' &&
    (EXCEPTION.test(line) || TRACEBACK.test(line) || RUBY_LINE.test(line) || PHP_LINE.test(line))
  );
}

/** Lines at the margin that only their kind of trace has. */
function ofKind(event: OpenEvent, line: string): boolean {
  switch (event.kind) {
    case 'python':
      return PYTHON_REST.test(line) || TRACEBACK.test(line) || (event.lines > 1 && PYTHON_LAST.test(line));
    case 'python_end':
      return PYTHON_REST.test(line);
    case 'go':
      return GO_LINE.test(line);
    case 'php':
      return PHP_LINE.test(line);
    case 'ruby':
      return RUBY_LINE.test(line);
    case 'node':
      return event.lines === 1 || NODE_LINE.test(line);
    case 'rust':
      return event.lines === 1 || RUST_LINE.test(line);
    case 'pem':
      return PEM_LINE.test(line);
    case 'windows':
      return WINDOWS_LINE.test(line) || !/^Log Name: /.test(line);
    case 'frames':
      return NODE_LINE.test(line) && /^[}{N]/.test(line);
    default:
      return false;
  }
}

/** Kind of an event after a line was added: a Python traceback ends with the line that names the exception. */
export function kindAfter(kind: TraceKind, line: string): TraceKind {
  if (PYTHON_REST.test(line)) return 'python';
  if (kind === 'python' && PYTHON_LAST.test(line) && !TRACEBACK.test(line)) return 'python_end';
  if (kind === 'pem' && line.startsWith('-----END')) return 'none';
  const own = kindOf(line);
  if (own === null || own === 'node' || own === 'windows') return kind;
  return kind === 'go' || kind === 'php' || kind === 'node' || kind === 'rust' || kind === 'windows'
    ? kind
    : own;
}
