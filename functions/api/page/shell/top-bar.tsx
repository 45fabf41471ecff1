/** The bar on top: where one is, which time is shown, theme, keys, who. */
import { Icon } from '../element/icon.tsx';
import { Raw } from '../element/text.tsx';
import { sheetOpen } from '../keyboard.ts';
import { route } from '../route.ts';
import { shownTheme, toggleTheme } from '../theme/theme.ts';
import { forgetToken, tokenAsked } from '../token.ts';
import { me } from '../who.ts';
import { SpanPicker } from './span-picker.tsx';
import { titleOf } from './view.tsx';

/** Views whose data are of a range of time. */
const OF_A_SPAN = new Set(['overview', 'services', 'explore', 'alerts']);

export function TopBar() {
  const { view, name } = route.value;
  const dark = shownTheme.value === 'dark';
  return (
    <header class="top">
      <h1>
        {name === null ? (
          titleOf(view)
        ) : (
          <>
            <a href={`/${view}`}>{titleOf(view)}</a> <span class="muted">/</span> <Raw text={name} />
          </>
        )}
      </h1>
      <div class="top-actions">
        {OF_A_SPAN.has(view) && <SpanPicker />}
        <button
          type="button"
          class="button quiet square"
          onClick={toggleTheme}
          aria-label={dark ? 'Light theme' : 'Dark theme'}
        >
          <Icon name={dark ? 'sun' : 'moon'} />
        </button>
        <button
          type="button"
          class="button quiet square hide-small"
          aria-label="Keys"
          title="Keys: ?"
          onClick={() => (sheetOpen.value = true)}
        >
          <kbd>?</kbd>
        </button>
        <Who />
      </div>
    </header>
  );
}

function Who() {
  const who = me.value;
  if (who === null) {
    return (
      <button type="button" class="button" onClick={() => (tokenAsked.value = 'Paste a token to sign in.')}>
        <Icon name="key" /> Token
      </button>
    );
  }
  return (
    <button
      type="button"
      class="button quiet who"
      onClick={forgetToken}
      title={`${who.name}, ${who.role}${who.tenant === null ? '' : `, tenant ${who.tenant}`}. Signs out.`}
      aria-label={`Signed in as ${who.name}, ${who.role}. Sign out`}
    >
      <Icon name="user" />
      <span class="hide-small">{who.role}</span>
    </button>
  );
}
