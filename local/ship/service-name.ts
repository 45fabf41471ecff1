/**
 * A service's name from a file's: `OpenSSH_2k.log` is openssh, `api-gateway-2026-11-20.log.3.gz` is api-gateway.
 * Records that name their service themselves keep that name; this one is for lines that do not.
 */
import { basename } from 'node:path';

const ENDINGS = /\.(gz|log|txt|json|jsonl|ndjson|out|err|old|\d+)$/i;
const NUMBERS = /[-_.]\d[\d_.t:-]*[km]?$/i;

export function serviceOf(path: string): string {
  if (path === '-') return 'stdin';
  let name = basename(path);
  for (let before = ''; name !== before; ) {
    before = name;
    name = name.replace(ENDINGS, '').replace(NUMBERS, '');
  }
  const service = name.toLowerCase().replace(/[^a-z0-9._-]+/g, '-');
  return /[a-z]/.test(service) ? service : 'unknown';
}
