#!/usr/bin/env node
/** The command `logweir`: runs the TypeScript sources as they are. */
import { register } from 'tsx/esm/api';

process.env.METADATA_SERVER_DETECTION ??= 'none';
register();
const { run } = await import('./command.ts');
await run(process.argv);
