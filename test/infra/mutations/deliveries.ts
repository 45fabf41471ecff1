/** What is not delivered, not called, or lost on its way. */
import { type Mutation, onFunction, onSubscription, without } from './mutation.ts';

export const DELIVERY_MUTATIONS: readonly Mutation[] = [
  [
    'the dead letter is removed',
    onSubscription('parse', (inputs) => {
      delete inputs.deadLetterPolicy;
    }),
    /logweir-parse has no dead letter/,
  ],
  ['Pub/Sub may not publish dead letters', without('logweir-dead-pubsub'), /may not publish dead letters/],
  [
    'Pub/Sub may not take dead letters out',
    without('logweir-alert-dead-pubsub'),
    /may not take dead letters out of logweir-alert/,
  ],
  ['nothing keeps dead letters', without('logweir-dead', 'Subscription'), /nothing keeps dead letters/],
  [
    'attempts follow each other at once',
    onSubscription('alert', (inputs) => {
      delete inputs.retryPolicy;
    }),
    /does not wait between attempts/,
  ],
  [
    'a subscription expires',
    onSubscription('parse', (inputs) => {
      inputs.expirationPolicy = { ttl: '2678400s' };
    }),
    /expires/,
  ],
  [
    'a push carries no token',
    onSubscription('parse', (inputs) => {
      delete inputs.pushConfig.oidcToken;
    }),
    /the token for parse/,
  ],
  [
    'a token is for another address',
    onSubscription('alert', (inputs) => {
      inputs.pushConfig.oidcToken.audience = 'https://other';
    }),
    /the token for alert is for https:\/\/other/,
  ],
  ['nobody may make tokens', without('logweir-schedule-token'), /nobody may make tokens of schedule/],
  ['a caller may not call', without('logweir-close-called'), /timer may not call close/],
  [
    'the API does not know the address of drift',
    onFunction('api', (inputs) => {
      delete inputs.serviceConfig.environmentVariables.LOGWEIR_DRIFT_URL;
    }),
    /asked: the API asks drift at undefined/,
  ],
  [
    'drift takes internal calls alone',
    onFunction('drift', (inputs) => {
      inputs.serviceConfig.ingressSettings = 'ALLOW_INTERNAL_ONLY';
    }),
    /the call of the API to drift is not let in/,
  ],
  ['a schedule is missing', without('logweir-sweep', 'Job'), /nothing calls sweep/],
];
