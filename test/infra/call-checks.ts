/** Checks of the functions, and of who calls them. */
import { loadConfig } from '../../functions/config.ts';
import { type Check, functionsIn, inputsOf, of, roleOf } from './check.ts';
import type { Inputs, Made } from './stack.ts';

/** Each function runs under an account of its own, with settings that it accepts. */
export const functions: Check = (made) => {
  const all = of(made, 'Function');
  const accounts = all.map((one) => String(inputsOf(one).serviceConfig?.serviceAccountEmail));
  return [
    ...(new Set(accounts).size === all.length ? [] : ['functions share a service account']),
    ...all.flatMap((one) => {
      const { buildConfig, serviceConfig } = inputsOf(one);
      const problems: string[] = [];
      if (buildConfig.runtime !== 'nodejs22') problems.push(`${one.name} runs on ${buildConfig.runtime}`);
      if (buildConfig.source?.storageSource?.generation === undefined)
        problems.push(`${one.name}: other code would not be deployed`);
      if (!(serviceConfig.minInstanceCount <= serviceConfig.maxInstanceCount))
        problems.push(`${one.name}: more instances at least than at most`);
      // Below one processor Cloud Run takes one call at a time.
      if (Number(serviceConfig.availableCpu) < 1 && serviceConfig.maxInstanceRequestConcurrency > 1)
        problems.push(`${one.name}: too little processor for calls at the same time`);
      return [...problems, ...settingsOf(one)];
    }),
  ];
};

function settingsOf(one: Made): string[] {
  const { environmentVariables, secretEnvironmentVariables = [] } = inputsOf(one).serviceConfig;
  const secrets = secretEnvironmentVariables.map(({ key }: { key: string }) => [
    key,
    key.endsWith('_URL') ? 'smtp://mail.example.com' : 'a-secret-of-some-length',
  ]);
  try {
    loadConfig({ ...environmentVariables, ...Object.fromEntries(secrets) });
    return [];
  } catch (error) {
    return [`${one.name}: ${(error as Error).message}`];
  }
}

/** Each is called by its own kind of caller, with a token for its address. */
export const called: Check = (made) => {
  const addressOf = (name: string): string => `https://logweir-${name}-abc-ew.a.run.app`;
  const invoker = (name: string, caller: string): string[] =>
    of(made, 'ServiceIamMember').some(
      (one) =>
        inputsOf(one).name === `logweir-${name}` &&
        roleOf(one) === 'roles/run.invoker' &&
        String(inputsOf(one).member).startsWith(`serviceAccount:logweir-${caller}@`),
    )
      ? []
      : [`${caller} may not call ${name}`];
  const token = (name: string, call: Inputs, target: string | undefined, caller: string): string[] => [
    ...(target?.startsWith(addressOf(name)) ? [] : [`${name} is called at ${target}`]),
    ...(call?.audience === addressOf(name) ? [] : [`the token for ${name} is for ${call?.audience}`]),
    ...(String(call?.serviceAccountEmail).startsWith(`logweir-${caller}@`)
      ? []
      : [`the token for ${name} is not of ${caller}`]),
  ];
  const mint = ['push', 'timer', 'schedule'].filter(
    (caller) =>
      !of(made, 'IAMMember').some(
        (one) =>
          roleOf(one) === 'roles/iam.serviceAccountOpenIdTokenCreator' &&
          String(inputsOf(one).serviceAccountId).includes(`/logweir-${caller}@`),
      ),
  );
  return [
    ...mint.map((caller) => `nobody may make tokens of ${caller}`),
    ...invoker('close', 'timer'),
    ...['parse', 'alert'].flatMap((name) => {
      const push = of(made, 'Subscription').find((one) => one.name === `logweir-${name}`);
      if (push === undefined) return [`nothing pushes to ${name}`];
      const { pushConfig } = inputsOf(push);
      return [
        ...invoker(name, 'push'),
        ...token(name, pushConfig?.oidcToken, pushConfig?.pushEndpoint, 'push'),
      ];
    }),
    ...functionsIn(made)
      .filter((name) => !['parse', 'alert', 'close', 'api'].includes(name))
      .flatMap((name) => {
        const job = of(made, 'Job').find((one) => one.name === `logweir-${name}`);
        if (job === undefined) return [`nothing calls ${name}`];
        const { httpTarget } = inputsOf(job);
        return [
          ...invoker(name, 'schedule'),
          ...token(name, httpTarget?.oidcToken, httpTarget?.uri, 'schedule'),
        ];
      }),
  ];
};

/** The API asks drift to promote and to roll back: it knows the address, and its call is let in. */
export const asked: Check = (made) => {
  const find = (name: string): Inputs | undefined =>
    of(made, 'Function').find((one) => one.name === `logweir-${name}`)?.inputs;
  const [api, drift] = [find('api'), find('drift')];
  const url = api?.serviceConfig.environmentVariables.LOGWEIR_DRIFT_URL;
  if (drift === undefined) return url === undefined ? [] : ['the API asks a function that is not there'];
  const isInside =
    api?.serviceConfig.vpcConnector !== undefined &&
    api.serviceConfig.vpcConnectorEgressSettings === 'ALL_TRAFFIC';
  return [
    ...(url === 'https://logweir-drift-abc-ew.a.run.app' ? [] : [`the API asks drift at ${url}`]),
    ...(isInside || drift.serviceConfig.ingressSettings === 'ALLOW_ALL'
      ? []
      : ['the call of the API to drift is not let in']),
  ];
};
