/** The page starts: shell first, then who looks, then the view, which is a file of its own. */
import { render } from 'preact';
import { App } from './shell/app.tsx';

render(<App />, document.getElementById('app')!);
