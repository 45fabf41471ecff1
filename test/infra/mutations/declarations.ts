/** What Google's provider would refuse (declarations.ts). */
import { change, type Mutation, onFunction, onSubscription } from './mutation.ts';

export const DECLARATION_MUTATIONS: readonly Mutation[] = [
  [
    'a value is none that the provider knows',
    onFunction('parse', (inputs) => {
      inputs.serviceConfig.ingressSettings = 'ALLOW_SOME';
    }),
    /ingressSettings: "ALLOW_SOME"; allowed: ALLOW_ALL/,
  ],
  [
    'a required field is missing',
    onSubscription('parse', (inputs) => {
      delete inputs.topic;
    }),
    /topic is required/,
  ],
  [
    'a field is misspelt',
    onSubscription('parse', (inputs) => {
      inputs.ackDeadline = 600;
    }),
    /no field ackDeadline/,
  ],
  [
    'a nested field is misspelt',
    change('logweir-archive', 'Bucket', (inputs) => {
      inputs.lifecycleRules[0].condition.days = 3;
    }),
    /no field days/,
  ],
  [
    'a number stands as text',
    onSubscription('parse', (inputs) => {
      inputs.ackDeadlineSeconds = '600';
    }),
    /should be a number/,
  ],
];
