/** What a rule of redaction finds: places in a text that must not be stored. */
export interface Rule {
  /** Names the rule in placeholders, counters and settings. */
  readonly name: string;
  /** Reports every place, in any order; time linear in the text, whatever the text. */
  find(text: string, add: AddSpan): void;
  /** One spelling for equal values before they are hashed (a card number without its blanks). Default: as it stands. */
  normalize?(value: string): string;
}

export type AddSpan = (start: number, end: number) => void;

export const isDigitCode = (code: number): boolean => code >= 0x30 && code <= 0x39;

export const isLetterCode = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a);

/** Letters, digits, underscore. */
export const isWordCode = (code: number): boolean => isDigitCode(code) || isLetterCode(code) || code === 0x5f;
