// The SDK keeps the stack of each of its promises, and maps each frame of them back to its source: a third of a run.
const sdk = require.resolve('@pulumi/pulumi/package.json');
const register = require.resolve('source-map-support/register', { paths: [sdk] });
require.cache[register] = { id: register, filename: register, loaded: true, exports: {} };
process.setSourceMapsEnabled = () => {};
