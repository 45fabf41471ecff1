/** Checks of a stack that loads rows from files: that none is lost, and none is kept and paid for. */
import { PLANS } from '../../infra/plan.ts';
import { type Check, functionsIn, inputsOf, of, rowsOf } from './check.ts';

export const staged: Check = (made) => {
  const rows = rowsOf(made);
  const bucket = of(made, 'Bucket').find(({ name }) => name === 'logweir-staging');
  if (rows === undefined) return bucket === undefined ? [] : ['nobody loads from the staging bucket'];
  const parse = of(made, 'Function').find(({ name }) => name === 'logweir-parse');
  const concurrency = parse && inputsOf(parse).serviceConfig.maxInstanceRequestConcurrency;
  if (bucket === undefined) return ['there is no staging bucket'];
  const { lifecycleRules = [], softDeletePolicy, versioning, retentionPolicy, name } = inputsOf(bucket);
  const isKept =
    softDeletePolicy?.retentionDurationSeconds !== 0 || versioning?.enabled === true || retentionPolicy;
  const told = of(made, 'Function').filter(
    (one) => inputsOf(one).serviceConfig.environmentVariables.LOGWEIR_STAGING_BUCKET !== name,
  );
  return [
    ...(functionsIn(made).includes('load') ? [] : ['nothing loads the files that are staged']),
    ...(lifecycleRules.length === 2 ? [] : ['files that nobody loads stay for ever']),
    ...(isKept ? ['the staging bucket keeps what was deleted'] : []),
    ...told.map((one) => `${one.name} does not know the staging bucket`),
    ...(rows === 'load' && concurrency !== PLANS.parse.loadConcurrency
      ? ['batches do not wait for each other in one instance']
      : []),
  ];
};
