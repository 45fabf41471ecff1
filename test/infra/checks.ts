/**
 * What must hold of every stack, as functions from what was made to sentences that say what is wrong: none for a good
 * stack. mutations.test.ts breaks a stack in many ways and wants each to be found by one of them.
 */

import { loadConfig } from '../../functions/config.ts';
import { ACCESSES, type Access, CALLS, CUSTOM_ROLES, type Target } from '../../infra/access.ts';
import { FUNCTION_NAMES, type FunctionName } from '../../infra/config.ts';
import { API_OF } from './google.ts';
import type { Inputs, Made } from './stack.ts';

export type Check = (made: readonly Made[]) => string[];

const short = ({ type }: Made): string => type.split(':').at(-1)!;
const of = (made: readonly Made[], type: string): readonly Made[] =>
  made.filter((one) => short(one) === type);
const inputsOf = (one: Made): Inputs => one.inputs;
const roleOf = (one: Made): string => String(inputsOf(one).role ?? '');
const isGrant = (one: Made): boolean => /I[Aa][Mm](Member|Binding|Policy)$/.test(short(one));

/** Nobody outside is let in: no grant to everybody, no bucket that could be opened. */
const closed: Check = (made) => [
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
    .filter(({ name }) => name !== 'logweir-api')
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

/** Grants on the whole project are few and small. */
const narrow: Check = (made) =>
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
  'verdict topic': (one) => inputsOf(one).topic === 'logweir-verdicts',
  'state bucket': (one) => /-logweir-state$/.test(String(inputsOf(one).bucket)),
  'archive bucket': (one) => /-logweir-archive$/.test(String(inputsOf(one).bucket)),
  'model bucket': (one) => /-logweir-models$/.test(String(inputsOf(one).bucket)),
};

const functionsIn = (made: readonly Made[]): FunctionName[] =>
  FUNCTION_NAMES.filter((name) => of(made, 'Function').some((one) => one.name === `logweir-${name}`));

/** Each function has the grants of its calls, and no others; secrets are looked at by `secrets`. */
const granted: Check = (made) => {
  const hasModels = of(made, 'AiEndpoint').length > 0;
  return functionsIn(made).flatMap((name) => {
    const accesses = CALLS[name].map((access): Access => ACCESSES[access]);
    const wanted = accesses.filter(({ models }) => hasModels || !models).flatMap(({ grants }) => grants);
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
const customRoles: Check = (made) =>
  of(made, 'IAMCustomRole').flatMap((one) => {
    const role = CUSTOM_ROLES[String(inputsOf(one).roleId).split('_').at(-1) as keyof typeof CUSTOM_ROLES];
    const same = JSON.stringify(inputsOf(one).permissions) === JSON.stringify(role?.permissions);
    return same ? [] : [`${one.name} holds other permissions`];
  });

/** Each function runs under an account of its own, with settings that it accepts. */
const functions: Check = (made) => {
  const all = of(made, 'Function');
  const accounts = all.map((one) => String(inputsOf(one).serviceConfig?.serviceAccountEmail));
  return [
    ...(new Set(accounts).size === all.length ? [] : ['functions share a service account']),
    ...all.flatMap((one) => {
      const { buildConfig, serviceConfig } = inputsOf(one);
      const problems: string[] = [];
      if (buildConfig.runtime !== 'nodejs22') problems.push(`${one.name} runs on ${buildConfig.runtime}`);
      if (buildConfig.source?.storageSource?.generation === undefined)
        problems.push(`${one.name}: other code would not be deployed`);
      if (!(serviceConfig.minInstanceCount <= serviceConfig.maxInstanceCount))
        problems.push(`${one.name}: more instances at least than at most`);
      // Below one processor Cloud Run takes one call at a time.
      if (Number(serviceConfig.availableCpu) < 1 && serviceConfig.maxInstanceRequestConcurrency > 1)
        problems.push(`${one.name}: too little processor for calls at the same time`);
      return [...problems, ...settingsOf(one)];
    }),
  ];
};

function settingsOf(one: Made): string[] {
  const { environmentVariables, secretEnvironmentVariables = [] } = inputsOf(one).serviceConfig;
  const secrets = secretEnvironmentVariables.map(({ key }: { key: string }) => [
    key,
    key.endsWith('_URL') ? 'smtp://mail.example.com' : 'a-secret-of-some-length',
  ]);
  try {
    loadConfig({ ...environmentVariables, ...Object.fromEntries(secrets) });
    return [];
  } catch (error) {
    return [`${one.name}: ${(error as Error).message}`];
  }
}

/** Each is called by its own kind of caller, with a token for its address. */
const called: Check = (made) => {
  const addressOf = (name: string): string => `https://logweir-${name}-abc-ew.a.run.app`;
  const invoker = (name: string, caller: string): string[] =>
    of(made, 'ServiceIamMember').some(
      (one) =>
        inputsOf(one).name === `logweir-${name}` &&
        roleOf(one) === 'roles/run.invoker' &&
        String(inputsOf(one).member).startsWith(`serviceAccount:logweir-${caller}@`),
    )
      ? []
      : [`${caller} may not call ${name}`];
  const token = (name: string, call: Inputs, target: string | undefined, caller: string): string[] => [
    ...(target?.startsWith(addressOf(name)) ? [] : [`${name} is called at ${target}`]),
    ...(call?.audience === addressOf(name) ? [] : [`the token for ${name} is for ${call?.audience}`]),
    ...(String(call?.serviceAccountEmail).startsWith(`logweir-${caller}@`)
      ? []
      : [`the token for ${name} is not of ${caller}`]),
  ];
  const mint = ['push', 'timer', 'schedule'].filter(
    (caller) =>
      !of(made, 'IAMMember').some(
        (one) =>
          roleOf(one) === 'roles/iam.serviceAccountOpenIdTokenCreator' &&
          String(inputsOf(one).serviceAccountId).includes(`/logweir-${caller}@`),
      ),
  );
  return [
    ...mint.map((caller) => `nobody may make tokens of ${caller}`),
    ...invoker('close', 'timer'),
    ...['parse', 'alert'].flatMap((name) => {
      const push = of(made, 'Subscription').find((one) => one.name === `logweir-${name}`);
      if (push === undefined) return [`nothing pushes to ${name}`];
      const { pushConfig } = inputsOf(push);
      return [
        ...invoker(name, 'push'),
        ...token(name, pushConfig?.oidcToken, pushConfig?.pushEndpoint, 'push'),
      ];
    }),
    ...functionsIn(made)
      .filter((name) => !['parse', 'alert', 'close', 'api'].includes(name))
      .flatMap((name) => {
        const job = of(made, 'Job').find((one) => one.name === `logweir-${name}`);
        if (job === undefined) return [`nothing calls ${name}`];
        const { httpTarget } = inputsOf(job);
        return [
          ...invoker(name, 'schedule'),
          ...token(name, httpTarget?.oidcToken, httpTarget?.uri, 'schedule'),
        ];
      }),
  ];
};

/** Nothing that is pushed is lost: dead letters, which Pub/Sub may write and take out, and which are kept. */
const deadLetters: Check = (made) => {
  const pushes = of(made, 'Subscription').filter((one) => inputsOf(one).pushConfig !== undefined);
  const agentMay = (type: string, role: string, key: string, value: string): boolean =>
    of(made, type).some(
      (one) =>
        inputsOf(one)[key] === value &&
        roleOf(one) === role &&
        /gcp-sa-pubsub/.test(String(inputsOf(one).member)),
    );
  return [
    ...pushes.flatMap((one) => {
      const { deadLetterPolicy, retryPolicy, expirationPolicy } = inputsOf(one);
      const problems: string[] = [];
      if (deadLetterPolicy?.deadLetterTopic === undefined) problems.push(`${one.name} has no dead letter`);
      if (retryPolicy?.minimumBackoff !== '10s' || retryPolicy?.maximumBackoff !== '600s')
        problems.push(`${one.name} does not wait between attempts`);
      if (expirationPolicy?.ttl !== '') problems.push(`${one.name} expires when nothing is published`);
      if (!agentMay('SubscriptionIAMMember', 'roles/pubsub.subscriber', 'subscription', one.name))
        problems.push(`Pub/Sub may not take dead letters out of ${one.name}`);
      return problems;
    }),
    ...(agentMay('TopicIAMMember', 'roles/pubsub.publisher', 'topic', 'logweir-dead')
      ? []
      : ['Pub/Sub may not publish dead letters']),
    ...(of(made, 'Subscription').some((one) => inputsOf(one).topic === 'logweir-dead-id')
      ? []
      : ['nothing keeps dead letters']),
  ];
};

/** Every message is in the archive, which ages as the functions think it does. */
const archived: Check = (made) => {
  const archive = of(made, 'Subscription').find((one) => inputsOf(one).cloudStorageConfig !== undefined);
  const bucket = of(made, 'Bucket').find((one) => one.name === 'logweir-archive');
  const may = (role: string): boolean =>
    of(made, 'BucketIAMMember').some(
      (one) =>
        roleOf(one) === role &&
        /-archive$/.test(String(inputsOf(one).bucket)) &&
        /gcp-sa-pubsub/.test(String(inputsOf(one).member)),
    );
  const config = archive === undefined ? null : inputsOf(archive).cloudStorageConfig;
  const deletes = (bucket === undefined ? [] : (inputsOf(bucket).lifecycleRules ?? [])).filter(
    ({ action }: Inputs) => action.type === 'Delete',
  );
  return [
    ...(config === null ? ['nothing writes the archive'] : []),
    ...(config?.avroConfig?.writeMetadata === true ? [] : ['the archive has no attributes and ids']),
    ...(config?.filenamePrefix === 'raw/' ? [] : ['the archive is written where nobody looks']),
    ...['roles/storage.objectCreator', 'roles/storage.legacyBucketReader']
      .filter((role) => !may(role))
      .map((role) => `Pub/Sub lacks ${role} on the archive`),
    ...(deletes.length === 3 ? [] : ['the archive does not delete what is old']),
  ];
};

/** Documents of Firestore go by their TTL fields. */
const expiring: Check = (made) => {
  const collections = new Set(of(made, 'Field').map((one) => String(inputsOf(one).collection)));
  return [
    ...(collections.size >= 9 ? [] : ['collections are missing']),
    ...[...collections]
      .filter(
        (name) =>
          !of(made, 'Field').some(
            (one) => inputsOf(one).collection === name && inputsOf(one).ttlConfig !== undefined,
          ),
      )
      .map((name) => `documents of ${name} stay for ever`),
  ];
};

/** Needed by services themselves: functions are built by Cloud Build. A stack may have no secrets yet. */
const ALWAYS = ['cloudbuild', 'secretmanager'];

const apis: Check = (made) => {
  const enabled = of(made, 'Service').map((one) => String(inputsOf(one).service).split('.')[0]!);
  const types = made.filter((one) => one.type.startsWith('gcp:')).map((one) => one.type.split(/[:/]/)[1]!);
  const hasModels = of(made, 'AiEndpoint').length > 0;
  const called = functionsIn(made)
    .flatMap((name) => CALLS[name].map((access): Access => ACCESSES[access]))
    .filter(({ models }) => hasModels || !models)
    .map(({ api }) => api.split('.')[0]!);
  const needed = new Set([...types.map((type) => API_OF[type] ?? `API of ${type}`), ...called, ...ALWAYS]);
  return [
    ...[...needed].filter((api) => !enabled.includes(api)).map((api) => `${api} is not enabled`),
    ...enabled.filter((api) => !needed.has(api)).map((api) => `nothing needs ${api}`),
    ...of(made, 'Service')
      .filter((one) => inputsOf(one).disableOnDestroy !== false)
      .map(({ name }) => `destroying disables ${name}`),
  ];
};

/** Secrets are secrets, and are read by who needs them. */
const secrets: Check = (made) => [
  ...of(made, 'SecretVersion')
    .filter((one) => inputsOf(one).secretData?.secret === undefined)
    .map(({ name }) => `${name} stands in the state in plain text`),
  ...of(made, 'Function').flatMap((one) =>
    (inputsOf(one).serviceConfig.secretEnvironmentVariables ?? [])
      .filter(
        ({ secret }: Inputs) =>
          !of(made, 'SecretIamMember').some(
            (grant) =>
              inputsOf(grant).secretId === secret &&
              roleOf(grant) === 'roles/secretmanager.secretAccessor' &&
              inputsOf(grant).member === `serviceAccount:${inputsOf(one).serviceConfig.serviceAccountEmail}`,
          ),
      )
      .map(({ key }: Inputs) => `${one.name} may not read ${key}`),
  ),
];

/** Where the key of what is stored stands in a resource. */
const KEY_AT: Readonly<Record<string, (inputs: Inputs) => unknown>> = {
  Topic: (inputs) => inputs.kmsKeyName,
  Bucket: (inputs) => inputs.encryption?.defaultKmsKeyName,
  Dataset: (inputs) => inputs.defaultEncryptionConfiguration?.kmsKeyName,
  Database: (inputs) => inputs.cmekConfig?.kmsKeyName,
  Repository: (inputs) => inputs.kmsKeyName,
  Function: (inputs) => inputs.kmsKeyName,
  AiEndpoint: (inputs) => inputs.encryptionSpec?.kmsKeyName,
  Secret: (inputs) => inputs.replication?.userManaged?.replicas?.[0]?.customerManagedEncryption?.kmsKeyName,
};
const KEY_USERS = ['pubsub', 'storage', 'bigquery', 'functions', 'run', 'registry', 'firestore', 'secrets'];

/** With a key, all that is stored is encrypted with it, and every service may use it. */
const encrypted: Check = (made) => {
  const grants = of(made, 'CryptoKeyIAMMember');
  if (grants.length === 0) return [];
  const plain = made
    .filter((one) => KEY_AT[short(one)] !== undefined && KEY_AT[short(one)]!(inputsOf(one)) === undefined)
    .map(({ name, type }) => `${name} (${type.split(':').at(-1)}) is not encrypted with the key`);
  const unable = KEY_USERS.filter((user) => !grants.some(({ name }) => name === `logweir-key-${user}`));
  return [...plain, ...unable.map((user) => `${user} may not use the key`)];
};

/** What a prod stack must not lose by a slip. */
const kept: Check = (made) => {
  if (!of(made, 'Topic').some((one) => inputsOf(one).labels?.environment === 'prod')) return [];
  const stateful = [
    ...of(made, 'Dataset'),
    ...of(made, 'Database'),
    ...of(made, 'Bucket').filter(({ name }) => name !== 'logweir-source'),
  ];
  return [
    ...stateful.filter((one) => !one.protect).map(({ name }) => `${name} is not protected`),
    ...of(made, 'Database')
      .filter((one) => inputsOf(one).deleteProtectionState !== 'DELETE_PROTECTION_ENABLED')
      .map(({ name }) => `${name} can be deleted`),
    ...of(made, 'Dataset')
      .filter((one) => inputsOf(one).deleteContentsOnDestroy !== false)
      .map(({ name }) => `${name} goes with its tables`),
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
const labelled: Check = (made) =>
  made
    .filter((one) => LABELLED.includes(short(one)) && inputsOf(one).labels?.['cost-owner'] === undefined)
    .map(({ name }) => `nobody pays for ${name}`);

/** Grants are made before what needs them. */
const ordered: Check = (made) => {
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

/** Somebody hears of trouble in prod. */
const watched: Check = (made) => {
  const policies = of(made, 'AlertPolicy');
  const wanted = ['lag', 'verdict-lag', 'dead-letters', 'errors', 'timers', 'api-down'];
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

export const CHECKS: Readonly<Record<string, Check>> = {
  closed,
  narrow,
  granted,
  customRoles,
  functions,
  called,
  deadLetters,
  archived,
  expiring,
  apis,
  secrets,
  encrypted,
  kept,
  labelled,
  ordered,
  watched,
};

/** All that is wrong, each with the check that found it. */
export const problemsOf = (made: readonly Made[]): string[] =>
  Object.entries(CHECKS).flatMap(([name, check]) => check(made).map((problem) => `${name}: ${problem}`));
