/**
 * The viewer's token: from the fragment `#token=…`, which no server sees, into the session's storage; then out of the
 * address bar, so that it is not shared with a link. Never in a URL that is asked for.
 */
import { signal } from '@preact/signals';

const KEY = 'logweir.token';

export const token = signal<string | null>(takeFromAddress() ?? sessionStorage.getItem(KEY));
/** Why a token is asked for; null: it is not. */
export const tokenAsked = signal<string | null>(null);

export function setToken(given: string): void {
  const trimmed = given.trim();
  sessionStorage.setItem(KEY, trimmed);
  token.value = trimmed;
  tokenAsked.value = null;
}

export function forgetToken(): void {
  sessionStorage.removeItem(KEY);
  token.value = null;
  tokenAsked.value = 'You signed out on this tab.';
}

function takeFromAddress(): string | null {
  const found = new URLSearchParams(location.hash.slice(1)).get('token');
  if (found === null || found === '') return null;
  sessionStorage.setItem(KEY, found);
  history.replaceState(null, '', location.pathname + location.search);
  return found;
}

// A link with a new token, followed in a tab that is open already.
addEventListener('hashchange', () => {
  const found = takeFromAddress();
  if (found !== null) setToken(found);
});
