/** Asks for a token when there is none, or the one there is was refused. */
import { useState } from 'preact/hooks';
import { Dialog } from '../element/dialog.tsx';
import { setToken, tokenAsked } from '../token.ts';

export function TokenDialog({ why }: { why: string }) {
  const [text, setText] = useState('');
  return (
    <Dialog title="Token" onClose={() => (tokenAsked.value = null)}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() !== '') setToken(text);
        }}
      >
        <p role="alert">{why}</p>
        <label>
          Token
          <input
            type="password"
            autocomplete="off"
            spellcheck={false}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <p class="muted small">
          On a laptop <code>logweir start</code> prints a link with it. It stays in this tab until the tab is
          closed.
        </p>
        <button type="submit" class="button primary" disabled={text.trim() === ''}>
          Sign in
        </button>
      </form>
    </Dialog>
  );
}
