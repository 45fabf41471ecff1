/** Checks of who may do what, and that they may before they must. */
import { CUSTOM_ROLES, grantsOf, type Target } from '../../infra/access.ts';
import { type Check, choicesOf, functionsIn, inputsOf, isGrant, of, roleOf, short } from './check.ts';
import type { Made } from './stack.ts';

/** Nobody outside is let in: no grant to everybody, no bucket that could be opened. */
export const closed: Check = (made) => [
  ...made
    .filter(isGrant)
    .filter((one) => /allUsers|allAuthenticatedUsers/.test(JSON.stringify(one.inputs)))
    .map(({ name }) => `${name} lets everybody in`),
  ...of(made, 'Bucket')
    .filter((one) => inputsOf(one).publicAccessPrevention !== 'enforced')
    .map(({ name }) => `${name} could be made public`),
  ...of(made, 'Bucket')
    .filter((one) => inputsOf(one).uniformBucketLevelAccess !== true)
    .map(({ name }) => `${name} has rights by object`),
  ...of(made, 'Function')
    .filter(({ name }) => name !== 'logweir-api' && (name !== 'logweir-drift' || isThroughNetwork(made)))
    .filter((one) => inputsOf(one).serviceConfig?.ingressSettings !== 'ALLOW_INTERNAL_ONLY')
    .map(({ name }) => `${name} can be called from outside`),
  ...of(made, 'Function')
    .filter(({ name }) => name === 'logweir-api' && of(made, 'BackendService').length > 0)
    .filter((one) => inputsOf(one).serviceConfig?.ingressSettings !== 'ALLOW_INTERNAL_AND_GCLB')
    .map(({ name }) => `${name} can be called past the proxy`),
  ...of(made, 'BackendService')
    .filter((one) => inputsOf(one).iap?.enabled !== true)
    .map(({ name }) => `nobody logs in before ${name}`),
];

/** Calls of the functions go through the project's network: drift need not be reached past it. */
const isThroughNetwork = (made: readonly Made[]): boolean =>
  of(made, 'Function').every((one) => inputsOf(one).serviceConfig?.vpcConnector !== undefined);

/** Grants on the whole project are few and small. */
export const narrow: Check = (made) =>
  made
    .filter(isGrant)
    .filter((one) => /^roles\/(owner|editor|viewer)$|admin$|Admin$/.test(roleOf(one)))
    .map((one) => `${one.name} grants ${roleOf(one)}`);

/** Where a grant of the table must be found. */
const PLACES: Readonly<Record<Target, (one: Made) => boolean>> = {
  project: (one) => one.type === 'gcp:projects/iAMMember:IAMMember' && !inputsOf(one).condition,
  'firestore database': (one) =>
    /databases\/logweir-state"$/.test(String(inputsOf(one).condition?.expression ?? '')),
  'timer queue': (one) => inputsOf(one).name === 'logweir-window-timers',
  'timer identity': (one) => /\/logweir-timer@/.test(String(inputsOf(one).serviceAccountId)),
  'training identity': (one) => /\/logweir-training@/.test(String(inputsOf(one).serviceAccountId)),
  dataset: (one) => inputsOf(one).datasetId === 'logweir',
  connection: (one) => short(one) === 'ConnectionIamMember' && inputsOf(one).connectionId === 'logweir-cold',
  'log topic': (one) => inputsOf(one).topic === 'logweir-logs',
  endpoint: (one) => short(one) === 'AiEndpointIamMember' && inputsOf(one).location === 'europe-west1',
  'drift function': (one) => short(one) === 'ServiceIamMember' && inputsOf(one).name === 'logweir-drift',
  'verdict topic': (one) => inputsOf(one).topic === 'logweir-verdicts',
  'state bucket': (one) => /-logweir-state$/.test(String(inputsOf(one).bucket)),
  'archive bucket': (one) => /-logweir-archive$/.test(String(inputsOf(one).bucket)),
  'staging bucket': (one) => /-logweir-staging$/.test(String(inputsOf(one).bucket)),
  'model bucket': (one) => /-logweir-models$/.test(String(inputsOf(one).bucket)),
};

/** Each function has the grants of its calls, and no others; secrets are looked at by `secrets`. */
export const granted: Check = (made) => {
  const choices = choicesOf(made);
  return functionsIn(made).flatMap((name) => {
    const wanted = grantsOf(name, choices);
    const mine = made
      .filter(isGrant)
      .filter((one) => String(inputsOf(one).member).startsWith(`serviceAccount:logweir-${name}@`))
      .filter((one) => short(one) !== 'SecretIamMember');
    const roleIs = (one: Made, role: string): boolean =>
      role.startsWith('custom:') ? roleOf(one).endsWith(`_${role.slice(7)}`) : roleOf(one) === role;
    const missing = wanted
      .filter(({ role, on }) => !mine.some((one) => roleIs(one, role) && PLACES[on](one)))
      .map(({ role, on }) => `${name} lacks ${role} on the ${on}`);
    const excess = mine
      .filter((one) => !wanted.some(({ role, on }) => roleIs(one, role) && PLACES[on](one)))
      .map((one) => `${name} needs no ${one.name}`);
    return [...missing, ...excess];
  });
};

/** Custom roles hold what they say, no more. */
export const customRoles: Check = (made) =>
  of(made, 'IAMCustomRole').flatMap((one) => {
    const role = CUSTOM_ROLES[String(inputsOf(one).roleId).split('_').at(-1) as keyof typeof CUSTOM_ROLES];
    const same = JSON.stringify(inputsOf(one).permissions) === JSON.stringify(role?.permissions);
    return same ? [] : [`${one.name} holds other permissions`];
  });

/** Grants are made before what needs them. */
export const ordered: Check = (made) => {
  const after = (one: Made, name: string): boolean => one.after.includes(name);
  const problems: string[] = [];
  for (const one of of(made, 'Function')) {
    const name = one.name.slice('logweir-'.length);
    const own = made
      .filter(isGrant)
      .filter((grant) => String(inputsOf(grant).member).includes(`logweir-${name}@`));
    for (const grant of own)
      if (!after(one, grant.name)) problems.push(`${one.name} does not wait for ${grant.name}`);
  }
  for (const one of of(made, 'Subscription').filter((each) => inputsOf(each).pushConfig !== undefined)) {
    if (!after(one, 'logweir-dead-pubsub'))
      problems.push(`${one.name} does not wait for the grant of dead letters`);
    if (!after(one, `${one.name}-called`)) problems.push(`${one.name} pushes before it may call`);
  }
  for (const one of of(made, 'Subscription').filter(
    (each) => inputsOf(each).cloudStorageConfig !== undefined,
  ))
    if (!one.after.some((name) => name.startsWith('logweir-archive-pubsub-')))
      problems.push(`${one.name} writes before it may`);
  return problems;
};
