/** All paths below /api/v1, in the order of the documentation. */
import type { ApiContext } from '../context.ts';
import type { Route } from '../route.ts';
import { alertRoutes } from './alerts.ts';
import { experimentRoutes } from './experiments.ts';
import { feedbackRoutes, noteRoutes } from './feedback.ts';
import { logRoutes } from './logs.ts';
import { meRoutes } from './me.ts';
import { modelRoutes } from './models.ts';
import { patternRoutes } from './patterns.ts';
import { pipelineRoutes } from './pipeline.ts';
import { predictionRoutes } from './predictions.ts';
import { serviceRoutes } from './services.ts';
import { sqlRoutes } from './sql.ts';
import { webhookRoutes } from './webhooks.ts';
import { windowRoutes } from './windows.ts';

export const apiRoutes = (context: ApiContext): Route[] => [
  ...meRoutes(context),
  ...logRoutes(context),
  ...serviceRoutes(context),
  ...noteRoutes(context),
  ...windowRoutes(context),
  ...patternRoutes(context),
  ...predictionRoutes(context),
  ...alertRoutes(context),
  ...webhookRoutes(context),
  ...feedbackRoutes(context),
  ...modelRoutes(context),
  ...experimentRoutes(context),
  ...pipelineRoutes(context),
  ...sqlRoutes(context),
];
