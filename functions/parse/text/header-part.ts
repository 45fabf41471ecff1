/** Parts of a line's header (header.ts): what they may look like, and where they are kept. */
import type { Severity } from '../severity.ts';

export interface Header {
  severity: Severity | null;
  logger: string | null;
  /** Spring Boot's application and trace. */
  application: string | null;
  correlation: string | null;
  thread: string | null;
  pid: number | null;
  tid: number | null;
  /** File and line that wrote the entry. */
  source: string | null;
  /** Further brackets: request ids, contexts. */
  readonly context: string[];
  /** Where the message begins. */
  end: number;
  /** The token read last was the header's last. */
  complete: boolean;
  style: 'plain' | 'spring_boot' | 'logback' | 'python' | 'ruby' | 'log4j';
}

export const newHeader = (end: number): Header => ({
  severity: null,
  logger: null,
  application: null,
  correlation: null,
  thread: null,
  pid: null,
  tid: null,
  source: null,
  context: [],
  end,
  complete: false,
  style: 'plain',
});

export const NUMBER = /^\d{1,10}$/;
const PROCESS = /^(?:pid[ :=])? ?(\d{1,10})(?:[:#](?:tid )?(\d{1,20}))?$/;

/** A bracket of a header: process, thread or context. */
export function takeBracket(header: Header, inner: string): boolean {
  const text = inner.trim();
  const process = PROCESS.exec(text);
  if (process !== null && header.pid === null) {
    header.pid = Number(process[1]);
    if (process[2] !== undefined) header.tid = Number(process[2]);
  } else if (text === '') return true;
  else if (header.style === 'spring_boot') header.context.push(text);
  else if (header.severity !== null && header.logger === null && DOTTED.test(text)) header.logger = text;
  else if (header.thread === null && header.logger === null) header.thread = text;
  else header.context.push(text);
  return true;
}

const DOTTED = /^[\w$]+(?:\.[\w$]+)+$/;

/** A name of a logger, a module or a program. */
export const LOGGER = /^[A-Za-z_$@/][\w.$:/@<>#+~[\]()=,*-]{0,199}$/;
export const DASH = 0x2d;
export const PIPE = 0x7c;
export const COLON = 0x3a;
export const COMMA = 0x2c;
export const OPEN = 0x5b;
/** A header has no more tokens than this. */
export const MAX_TOKENS = 8;
