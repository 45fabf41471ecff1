/** The function `load` in a process that is to be killed: calls it over and over, and says each answer in a line. */
import { openLoad } from '../../functions/load-function.ts';

const load = await openLoad();
console.log('"ready"');
for (;;) {
  const { body } = await load();
  console.log(JSON.stringify(body));
}
