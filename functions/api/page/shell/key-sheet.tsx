/** The sheet of keys: those of the view, then those that always work. */
import { Dialog } from '../element/dialog.tsx';
import { bindings, sheetOpen } from '../keyboard.ts';

export const KeySheet = () => (
  <Dialog title="Keys" onClose={() => (sheetOpen.value = false)}>
    <dl class="keys">
      {bindings().map(({ keys, text }) => (
        <div key={keys + text}>
          <dt>
            {keys.split(' ').map((key) => (
              <kbd key={key}>{key}</kbd>
            ))}
          </dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  </Dialog>
);
