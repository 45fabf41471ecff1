import { expect, it } from 'vitest';
import { serviceOf } from '../../../local/ship/service-name.ts';

it.each([
  ['OpenSSH_2k.log', 'openssh'],
  ['/var/log/api-gateway.log', 'api-gateway'],
  ['api-gateway-2026-11-20.log.3.gz', 'api-gateway'],
  ['payment.2026-11-20T10.ndjson', 'payment'],
  ['s3.log', 's3'],
  ['web1.log', 'web1'],
  ['My App.txt', 'my-app'],
  ['syslog', 'syslog'],
  ['syslog.1', 'syslog'],
  ['.log', 'unknown'],
  ['2026-11-20.log', 'unknown'],
  ['-', 'stdin'],
])('the service of %s is %s', (path, service) => {
  expect(serviceOf(path)).toBe(service);
});
