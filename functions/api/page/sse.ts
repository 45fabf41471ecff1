/** Server-Sent Events from bytes, as the HTML standard reads them (section 9.2.6). Pure: chunk in, events out. */

export interface ServerEvent {
  readonly event: string;
  readonly data: string;
}

/** An event longer than this is broken, or hostile: the reader throws. In characters. */
const LONGEST = 32_000_000;

export class EventReader {
  readonly #decoder = new TextDecoder();
  #rest = '';
  #data: string[] = [];
  #event = '';

  /** Events that this chunk completes. */
  push(chunk: Uint8Array): ServerEvent[] {
    const text = this.#rest + this.#decoder.decode(chunk, { stream: true });
    if (text.length > LONGEST) throw new Error('an event of the live tail is too long');
    const events: ServerEvent[] = [];
    // A carriage return at the end may be half of a line break.
    const lines = text.split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const event = this.#line(line);
      if (event !== null) events.push(event);
    }
    return events;
  }

  #line(line: string): ServerEvent | null {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return null;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') this.#data.push(value);
    else if (field === 'event') this.#event = value;
    return null;
  }

  #dispatch(): ServerEvent | null {
    const data = this.#data;
    const event = this.#event === '' ? 'message' : this.#event;
    this.#data = [];
    this.#event = '';
    return data.length === 0 ? null : { event, data: data.join('\n') };
  }
}
