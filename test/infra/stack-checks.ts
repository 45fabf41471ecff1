/** Checks of a stack as a whole: its APIs, who pays for it, who hears of its troubles. */
import { ACCESSES, accessesOf } from '../../infra/access.ts';
import { type Check, choicesOf, functionsIn, inputsOf, of, short } from './check.ts';
import { apiOf } from './google.ts';

/** Needed by services themselves: functions are built by Cloud Build. A stack may have no secrets yet. */
const ALWAYS = ['cloudbuild', 'secretmanager'];

export const apis: Check = (made) => {
  const enabled = of(made, 'Service').map((one) => String(inputsOf(one).service).split('.')[0]!);
  const types = made.map(({ type }) => type).filter((type) => type.startsWith('gcp:'));
  const choices = choicesOf(made);
  const called = functionsIn(made)
    .flatMap((name) => accessesOf(name, choices))
    .map((access) => ACCESSES[access].api.split('.')[0]!);
  const needed = new Set([...types.map((type) => apiOf(type) ?? `API of ${type}`), ...called, ...ALWAYS]);
  return [
    ...[...needed].filter((api) => !enabled.includes(api)).map((api) => `${api} is not enabled`),
    ...enabled.filter((api) => !needed.has(api)).map((api) => `nothing needs ${api}`),
    ...of(made, 'Service')
      .filter((one) => inputsOf(one).disableOnDestroy !== false)
      .map(({ name }) => `destroying disables ${name}`),
  ];
};

/** Everything that can have labels says who pays. */
const LABELLED = [
  'Topic',
  'Subscription',
  'Bucket',
  'Dataset',
  'Function',
  'Secret',
  'Repository',
  'AiEndpoint',
];
export const labelled: Check = (made) =>
  made
    .filter((one) => LABELLED.includes(short(one)) && inputsOf(one).labels?.['cost-owner'] === undefined)
    .map(({ name }) => `nobody pays for ${name}`);

/** Somebody hears of trouble in prod. */
export const watched: Check = (made) => {
  const policies = of(made, 'AlertPolicy');
  const wanted = ['lag', 'verdict-lag', 'dead-letters', 'errors', 'timers', 'api-down'];
  if (functionsIn(made).includes('load')) wanted.push('rows-late');
  const isProd = of(made, 'NotificationChannel').length > 0;
  return [
    ...wanted
      .filter((what) => !policies.some(({ name }) => name === `logweir-${what}`))
      .map((what) => `nothing watches ${what}`),
    ...policies
      .filter((one) => isProd && inputsOf(one).notificationChannels.length === 0)
      .map(({ name }) => `nobody hears of ${name}`),
  ];
};
