/**
 * Every function under its deployed name, and nothing else. Each loads its own code alone; the one that this
 * instance serves is opened before it takes calls, so a wrong setting fails the deployment, not a message.
 */
import { type CloudEvent, cloudEvent, http } from '@google-cloud/functions-framework';

const lazy = <T>(open: () => Promise<T>): (() => Promise<T>) => {
  let opened: Promise<T> | undefined;
  return () => {
    opened ??= open();
    return opened;
  };
};

const functions = {
  parse: lazy(async () => (await import('./parse-function.ts')).openParse()),
  close: lazy(async () => (await import('./close-function.ts')).openClose()),
  sweep: lazy(async () => (await import('./sweep-function.ts')).openSweep()),
  learn: lazy(async () => (await import('./learn-function.ts')).openLearn()),
  drift: lazy(async () => (await import('./drift-function.ts')).openDrift()),
  load: lazy(async () => (await import('./load-function.ts')).openLoad()),
  tier: lazy(async () => (await import('./tier-function.ts')).openTier()),
  alert: lazy(async () => (await import('./alert-function.ts')).openAlert()),
  remind: lazy(async () => (await import('./alert-function.ts')).openRemind()),
  api: lazy(async () => (await import('./api-function.ts')).openApi()),
};

cloudEvent('parse', async (event: CloudEvent<unknown>) => (await functions.parse())(event.data));

http('close', async (request, response) => {
  const { status, body } = await (await functions.close())(request.body);
  response.status(status).json(body);
});

http('sweep', async (_request, response) => {
  const { status, body } = await (await functions.sweep())();
  response.status(status).json(body);
});

http('learn', async (_request, response) => {
  const { status, body } = await (await functions.learn())();
  response.status(status).json(body);
});

http('drift', async (request, response) => {
  const { status, body } = await (await functions.drift())(request.body);
  response.status(status).json(body);
});

http('load', async (_request, response) => {
  const { status, body } = await (await functions.load())();
  response.status(status).json(body);
});

http('tier', async (_request, response) => {
  const { status, body } = await (await functions.tier())();
  response.status(status).json(body);
});

cloudEvent('alert', async (event: CloudEvent<unknown>) => (await functions.alert())(event.data));

http('remind', async (_request, response) => {
  const { status, body } = await (await functions.remind())();
  response.status(status).json(body);
});

http('api', async (request, response) => (await functions.api())(request, response));

await functions[process.env.FUNCTION_TARGET as keyof typeof functions]?.();
