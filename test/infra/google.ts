/** What Google fills in when something is made, for the mocks (stack.ts) and for the provider without a cloud. */
import type { Fields } from './wire.ts';

export const PROJECT = 'my-project';
export const PROJECT_NUMBER = '1';
export const agentOf = (service: string): string =>
  `service-${PROJECT_NUMBER}@${service}.iam.gserviceaccount.com`;

/** Inputs as tests read them. */
// biome-ignore lint/suspicious/noExplicitAny: what a resource was asked for is data of any shape.
export type Inputs = any;

/** All of a resource once it is made. */
export function filledIn(type: string, name: string, inputs: Inputs): Record<string, unknown> {
  switch (type) {
    case 'gcp:serviceaccount/account:Account': {
      const email = `${inputs.accountId}@${PROJECT}.iam.gserviceaccount.com`;
      const uniqueId = '100000000000000000001';
      return { ...inputs, email, uniqueId, name: `projects/${PROJECT}/serviceAccounts/${email}` };
    }
    case 'gcp:projects/serviceIdentity:ServiceIdentity':
      return { ...inputs, email: agentOf(`gcp-sa-${inputs.service.split('.')[0]}`) };
    case 'gcp:cloudfunctionsv2/function:Function':
      return {
        ...inputs,
        serviceConfig: { ...inputs.serviceConfig, uri: `https://${inputs.name}-abc-ew.a.run.app` },
      };
    case 'gcp:projects/iAMCustomRole:IAMCustomRole':
      return { ...inputs, name: `projects/${PROJECT}/roles/${inputs.roleId}` };
    case 'gcp:bigquery/connection:Connection': {
      const serviceAccountId = `bqcx-${PROJECT_NUMBER}-a1b2@gcp-sa-bigquery-condel.iam.gserviceaccount.com`;
      return { ...inputs, name, cloudResource: { ...inputs.cloudResource, serviceAccountId } };
    }
    case 'gcp:storage/bucketObject:BucketObject':
      return { ...inputs, generation: 7 };
    case 'gcp:compute/backendService:BackendService':
      return { ...inputs, name, generatedId: 42 };
    case 'gcp:compute/globalAddress:GlobalAddress':
      return { ...inputs, name, address: '203.0.113.7' };
    case 'gcp:monitoring/uptimeCheckConfig:UptimeCheckConfig':
      return { ...inputs, name, uptimeCheckId: name };
    case 'gcp:secretmanager/secretVersion:SecretVersion':
      return { ...inputs, version: '1' };
    default:
      return { ...inputs, name: inputs.name ?? name };
  }
}

/** Answers to questions that a program asks of Google. */
export function answered(token: string, inputs: Fields): Fields {
  switch (token) {
    case 'gcp:organizations/getProject:getProject':
      return { ...inputs, number: PROJECT_NUMBER };
    case 'gcp:storage/getProjectServiceAccount:getProjectServiceAccount':
      return { ...inputs, emailAddress: agentOf('gs-project-accounts') };
    case 'gcp:bigquery/getDefaultServiceAccount:getDefaultServiceAccount':
      return { ...inputs, email: `bq-${PROJECT_NUMBER}@bigquery-encryption.iam.gserviceaccount.com` };
    default:
      throw new Error(`nobody has asked ${token} so far`);
  }
}

/** API by the first part of the types of resources that need it. */
const API_OF: Readonly<Record<string, string>> = {
  artifactregistry: 'artifactregistry',
  bigquery: 'bigquery',
  billing: 'billingbudgets',
  cloudfunctionsv2: 'cloudfunctions',
  cloudrunv2: 'run',
  cloudscheduler: 'cloudscheduler',
  cloudtasks: 'cloudtasks',
  compute: 'compute',
  firestore: 'firestore',
  iap: 'iap',
  kms: 'cloudkms',
  logging: 'logging',
  monitoring: 'monitoring',
  projects: 'cloudresourcemanager',
  pubsub: 'pubsub',
  secretmanager: 'secretmanager',
  serviceaccount: 'iam',
  storage: 'storage',
  vertex: 'aiplatform',
};

/** API that a resource of the type needs; undefined: nobody has said. */
export const apiOf = (type: string): string | undefined =>
  type.startsWith('gcp:bigquery/connection') ? 'bigqueryconnection' : API_OF[type.split(/[:/]/)[1]!];
