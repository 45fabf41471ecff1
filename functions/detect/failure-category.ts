/** What a message tells of: a kind of failure, or none. BERT answers these, people label with them, the demo says them. */
export const FAILURE_CATEGORIES = [
  'network',
  'timeout',
  'database',
  'authentication',
  'memory',
  'disk_io',
  'configuration',
  'dependency',
  'resource_exhaustion',
  'code_error',
  'hardware',
  'security',
  'normal',
] as const;

export type FailureCategory = (typeof FAILURE_CATEGORIES)[number];
