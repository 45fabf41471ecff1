/** The shell: navigation, the bar on top, the view of the route, and what lies over it. */
import { useEffect } from 'preact/hooks';
import { api } from '../api.ts';
import { Toasts } from '../element/toast.tsx';
import { onKey, sheetOpen } from '../keyboard.ts';
import { followLinks, route } from '../route.ts';
import { token, tokenAsked } from '../token.ts';
import { me } from '../who.ts';
import { useIncidents } from './incidents.ts';
import { KeySheet } from './key-sheet.tsx';
import { Navigation } from './navigation.tsx';
import { TokenDialog } from './token-dialog.tsx';
import { TopBar } from './top-bar.tsx';
import { ViewOf } from './view.tsx';

export function App() {
  useEffect(() => {
    document.addEventListener('click', followLinks);
    document.addEventListener('keydown', onKey);
  }, []);
  useIncidents();
  const given = token.value;
  useEffect(() => {
    const stop = new AbortController();
    api.me(stop.signal).then(
      (answer) => {
        me.value = answer;
      },
      () => {
        if (!stop.signal.aborted) me.value = null;
      },
    );
    return () => stop.abort();
  }, [given]);
  return (
    <div class="shell">
      <a class="skip" href="#view">
        Skip to the view
      </a>
      <Navigation />
      <div class="main">
        <TopBar />
        <main id="view" tabIndex={-1} class={`view view-${route.value.view}`}>
          <ViewOf route={route.value} />
        </main>
      </div>
      <Toasts />
      {sheetOpen.value && <KeySheet />}
      {tokenAsked.value !== null && <TokenDialog why={tokenAsked.value} />}
    </div>
  );
}
