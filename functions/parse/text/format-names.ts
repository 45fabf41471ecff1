/** Formats of text lines that a setting may name (line.ts reads them). */
export const FORMAT_NAMES = [
  'text',
  'logfmt',
  'glog',
  'ruby',
  'redis',
  'access',
  'windows_event',
  'syslog',
  'nginx_error',
  'apache_error',
  'postgresql',
  'logcat',
  'log4j',
] as const;

export type FormatName = (typeof FORMAT_NAMES)[number];
