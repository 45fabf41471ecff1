/** What lets somebody in who should stay outside. */
import type { Inputs } from '../stack.ts';
import { also, change, type Mutation, onFunction } from './mutation.ts';

export const OPENING_MUTATIONS: readonly Mutation[] = [
  [
    'a bucket may be opened',
    change('logweir-archive', 'Bucket', (inputs) => {
      inputs.publicAccessPrevention = 'inherited';
    }),
    /logweir-archive could be made public/,
  ],
  [
    'a bucket is opened',
    also({
      type: 'gcp:storage/bucketIAMMember:BucketIAMMember',
      name: 'open',
      inputs: {
        bucket: 'my-project-logweir-archive',
        role: 'roles/storage.objectViewer',
        member: 'allUsers',
      } as Inputs,
    }),
    /open lets everybody in/,
  ],
  [
    'a function can be called from outside',
    onFunction('parse', (inputs) => {
      inputs.serviceConfig.ingressSettings = 'ALLOW_ALL';
    }),
    /called from outside/,
  ],
  [
    'the proxy lets people pass who have not logged in',
    change('logweir-api', 'BackendService', (inputs) => {
      inputs.iap.enabled = false;
    }),
    /nobody logs in before logweir-api/,
  ],
  [
    'the API can be called past the proxy',
    onFunction('api', (inputs) => {
      inputs.serviceConfig.ingressSettings = 'ALLOW_ALL';
    }),
    /called past the proxy/,
  ],
  [
    'anybody may call a function',
    change('logweir-parse-called', 'ServiceIamMember', (inputs) => {
      inputs.member = 'allUsers';
    }),
    /lets everybody in/,
  ],
];
