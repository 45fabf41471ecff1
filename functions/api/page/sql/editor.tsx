/** The editor: a text area, which the browser makes accessible, over the same text in colours; completion below the cursor. */
import { useRef, useState } from 'preact/hooks';
import { type Completion, completionAt, type Suggestion } from './completion.ts';
import { tokensOf } from './tokens.ts';

export interface EditorProps {
  readonly sql: string;
  readonly onSql: (sql: string) => void;
  readonly onRun: () => void;
  readonly known: Parameters<typeof completionAt>[2];
  readonly readOnly: boolean;
}

const LINE_PX = 19;
const LEAST_LINES = 8;
const MOST_LINES = 22;

export function Editor({ sql, onSql, onRun, known, readOnly }: EditorProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const colours = useRef<HTMLPreElement>(null);
  const [completion, setCompletion] = useState<Completion | null>(null);
  const [chosen, setChosen] = useState(0);
  const lines = Math.min(MOST_LINES, Math.max(LEAST_LINES, sql.split('\n').length + 1));
  const look = (text: string, at: number, asked = false): void => {
    setCompletion(readOnly ? null : completionAt(text, at, known, asked));
    setChosen(0);
  };
  const take = ({ text, insert = text, kind }: Suggestion): void => {
    const { from, to } = completion!;
    const next = kind === 'query' ? insert : sql.slice(0, from) + insert + sql.slice(to);
    const at = kind === 'query' ? insert.length : from + insert.length;
    onSql(next);
    setCompletion(null);
    requestAnimationFrame(() => {
      area.current?.focus();
      area.current?.setSelectionRange(at, at);
    });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      setCompletion(null);
      onRun();
    } else if (event.key === ' ' && event.ctrlKey) {
      event.preventDefault();
      look(sql, area.current!.selectionStart, true);
    } else if (completion !== null) onCompletionKey(event, completion);
  };
  const onCompletionKey = (event: KeyboardEvent, { suggestions }: Completion): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) setChosen((chosen + step + suggestions.length) % suggestions.length);
    else if (event.key === 'Enter' || event.key === 'Tab') take(suggestions[chosen]!);
    else if (event.key === 'Escape') setCompletion(null);
    else return;
    event.preventDefault();
  };
  return (
    <div class="editor" style={{ height: `${lines * LINE_PX + 16}px` }}>
      <pre class="editor-colours" ref={colours} aria-hidden="true">
        {tokensOf(sql).map(({ kind, text }, index) => (
          <span key={index} class={`sql-${kind}`}>
            {text}
          </span>
        ))}{' '}
      </pre>
      <textarea
        ref={area}
        id="sql"
        aria-label="SQL"
        aria-autocomplete="list"
        aria-controls={completion === null ? undefined : 'sql-completion'}
        aria-activedescendant={completion === null ? undefined : `sql-completion-${chosen}`}
        spellcheck={false}
        autocapitalize="off"
        autocomplete="off"
        readOnly={readOnly}
        value={sql}
        onInput={(event) => {
          onSql(event.currentTarget.value);
          look(event.currentTarget.value, event.currentTarget.selectionStart);
        }}
        onKeyDown={onKeyDown}
        onBlur={() => setCompletion(null)}
        onScroll={(event) => {
          colours.current!.scrollTop = event.currentTarget.scrollTop;
          colours.current!.scrollLeft = event.currentTarget.scrollLeft;
        }}
      />
      {completion !== null && (
        <Suggestions
          completion={completion}
          chosen={chosen}
          sql={sql}
          scrolled={area.current?.scrollTop ?? 0}
          onTake={take}
        />
      )}
    </div>
  );
}

interface SuggestionsProps {
  readonly completion: Completion;
  readonly chosen: number;
  readonly sql: string;
  readonly scrolled: number;
  readonly onTake: (suggestion: Suggestion) => void;
}

function Suggestions({ completion, chosen, sql, scrolled, onTake }: SuggestionsProps) {
  const before = sql.slice(0, completion.from).split('\n');
  const top = before.length * LINE_PX + 8 - scrolled;
  const first = Math.max(0, Math.min(chosen - 5, completion.suggestions.length - 10));
  return (
    <div
      class="completion"
      id="sql-completion"
      role="listbox"
      aria-label="Suggestions"
      style={{ top: `${top}px`, left: `min(${8 + before.at(-1)!.length * 7.25}px, calc(100% - 330px))` }}
    >
      {completion.suggestions.slice(first, first + 10).map((one, index) => (
        <div
          key={`${one.kind} ${one.text}`}
          id={`sql-completion-${first + index}`}
          role="option"
          tabIndex={-1}
          aria-selected={first + index === chosen}
          onMouseDown={(event) => {
            event.preventDefault();
            onTake(one);
          }}
        >
          <span class="mono">{one.text}</span>
          <span class="muted">{one.kind}</span>
          <span class="muted completion-note">{one.note}</span>
        </div>
      ))}
    </div>
  );
}
