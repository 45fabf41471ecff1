/** Checks of what is kept: that nothing is lost, nothing is kept for ever, and nobody reads it who should not. */
import { type Check, inputsOf, of, roleOf, short } from './check.ts';
import type { Inputs } from './stack.ts';

/** Nothing that is pushed is lost: dead letters, which Pub/Sub may write and take out, and which are kept. */
export const deadLetters: Check = (made) => {
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
export const archived: Check = (made) => {
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

/** Cold days are read by the connection, with its right, and by nobody by a right of their own. */
export const coldDays: Check = (made) => {
  const connection = of(made, 'Connection').find((one) => one.name === 'logweir-cold');
  const tier = of(made, 'Function').find((one) => one.name === 'logweir-tier');
  const named = tier && inputsOf(tier).serviceConfig.environmentVariables.LOGWEIR_COLD_CONNECTION;
  const onBuckets = of(made, 'BucketIAMMember').map((one) => ({ name: one.name, ...inputsOf(one) }));
  const reads = onBuckets.filter(({ member }) => /@gcp-sa-bigquery-condel\./.test(String(member)));
  const may = reads.some(
    ({ bucket, role }) => /-archive$/.test(bucket) && role === 'roles/storage.objectViewer',
  );
  return [
    ...(connection === undefined ? ['no connection reads the cold days'] : []),
    ...(named === 'my-project.europe-west1.logweir-cold' ? [] : [`tier names the connection ${named}`]),
    ...(may ? [] : ['the connection may not read the archive']),
    ...reads.slice(1).map(({ name }) => `the connection needs no ${name}`),
    ...onBuckets
      .filter(({ member }) => /^(user|group|domain):/.test(String(member)))
      .map(({ name, member }) => `${member} needs no ${name}: the connection reads for who asks`),
  ];
};

/** Documents of Firestore go by their TTL fields. */
export const expiring: Check = (made) => {
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

/** Secrets are secrets, and are read by who needs them. */
export const secrets: Check = (made) => [
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
export const encrypted: Check = (made) => {
  const grants = of(made, 'CryptoKeyIAMMember');
  if (grants.length === 0) return [];
  const plain = made
    .filter((one) => KEY_AT[short(one)] !== undefined && KEY_AT[short(one)]!(inputsOf(one)) === undefined)
    .map(({ name, type }) => `${name} (${type.split(':').at(-1)}) is not encrypted with the key`);
  const unable = KEY_USERS.filter((user) => !grants.some(({ name }) => name === `logweir-key-${user}`));
  return [...plain, ...unable.map((user) => `${user} may not use the key`)];
};

/** What a prod stack must not lose by a slip. */
export const kept: Check = (made) => {
  if (!of(made, 'Topic').some((one) => inputsOf(one).labels?.environment === 'prod'))
    return of(made, 'Bucket')
      .filter((one) => inputsOf(one).forceDestroy !== true)
      .map(({ name }) => `${name} keeps a dev stack from being destroyed`);
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
    ...stateful
      .filter((one) => short(one) === 'Bucket' && inputsOf(one).forceDestroy !== false)
      .map(({ name }) => `${name} goes with its objects`),
  ];
};
