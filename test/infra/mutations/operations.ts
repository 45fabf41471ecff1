/** What keeps a stack from working, from being paid for, or from being watched. */
import type { Inputs } from '../stack.ts';
import { also, change, type Mutation, onFunction, without } from './mutation.ts';

export const OPERATION_MUTATIONS: readonly Mutation[] = [
  ['an API is not enabled', without('logweir-cloudtasks', 'Service'), /apis: cloudtasks is not enabled/],
  [
    'an API that only calls need is not enabled',
    without('logweir-bigquerystorage'),
    /bigquerystorage is not enabled/,
  ],
  [
    'an API is enabled for nothing',
    also({
      type: 'gcp:projects/service:Service',
      name: 'x',
      inputs: { service: 'dataflow.googleapis.com', disableOnDestroy: false } as Inputs,
    }),
    /nothing needs dataflow/,
  ],
  [
    'two functions share an account',
    onFunction('alert', (inputs) => {
      inputs.serviceConfig.serviceAccountEmail = 'logweir-parse@my-project.iam.gserviceaccount.com';
    }),
    /share a service account/,
  ],
  [
    'a function has a setting that it refuses',
    onFunction('parse', (inputs) => {
      inputs.serviceConfig.environmentVariables.LOGWEIR_TYPO = '1';
    }),
    /LOGWEIR_TYPO is not a setting/,
  ],
  [
    'other code would not be deployed',
    onFunction('parse', (inputs) => {
      delete inputs.buildConfig.source.storageSource.generation;
    }),
    /other code would not be deployed/,
  ],
  [
    'nobody pays',
    change('logweir-logs', 'Topic', (inputs) => {
      inputs.labels = {};
    }),
    /nobody pays for logweir-logs/,
  ],
  ['nothing asks whether the API answers', without('logweir-api-down'), /nothing watches api-down/],
  ['nothing watches dead letters', without('logweir-dead-letters'), /nothing watches dead-letters/],
];
