/** `pulumi up`: reads the stack's settings and secrets, bundles the functions, makes the deployment. */
import * as pulumi from '@pulumi/pulumi';
import { bundleFunction } from './bundle.ts';
import { readSettings, SECRETS, type SecretName } from './config.ts';
import { Deployment, functionsOf } from './deployment.ts';
import type { SecretValues } from './secrets.ts';
import { sqlDigest } from './sql-step.ts';

const config = new pulumi.Config('logweir');
const settings = readSettings(config.requireObject('settings'));
const secrets: SecretValues = Object.fromEntries(
  (Object.keys(SECRETS) as SecretName[]).flatMap((name) => {
    const value = config.getSecret(name);
    return value === undefined ? [] : [[name, value]];
  }),
);
const place = settings.models === 'process' ? 'process' : 'endpoint';
const bundles = await Promise.all(
  functionsOf(settings).map((name) => bundleFunction(name, undefined, place)),
);
const deployment = new Deployment({ settings, secrets, bundles, sqlDigest: await sqlDigest() });

export const {
  api,
  apiAddress,
  iapAudience,
  functionEnv,
  topic,
  deadLetters,
  importIdentity,
  archiveBucket,
  stateBucket,
  modelBucket,
  modelEndpoint,
  dataset,
  images,
  dashboard,
  lookerStudio,
} = deployment.outputs;
