// Pulumi loads a policy pack by require(), which knows neither TypeScript nor, before Node.js 22.12, modules.
require('tsx/cjs');
require('./pack.ts');
