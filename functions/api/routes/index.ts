/** All paths below /api/v1, in the order of the documentation. */
import type { ApiContext } from '../context.ts';
import type { Route } from '../route.ts';
import { logRoutes } from './logs.ts';
import { meRoutes } from './me.ts';
import { serviceRoutes } from './services.ts';
import { windowRoutes } from './windows.ts';

export const apiRoutes = (context: ApiContext): Route[] => [
  ...meRoutes(context),
  ...logRoutes(context),
  ...serviceRoutes(context),
  ...windowRoutes(context),
];
