/** What somebody said by a button in Slack, written as feedback. */

import { wallClock } from '../clock.ts';
import { giveFeedback } from '../detect/feedback.ts';
import type { ApiContext } from './context.ts';
import type { SlackFeedback } from './slack.ts';

export const slackFeedback =
  ({ settings, warehouse }: Pick<ApiContext, 'settings' | 'warehouse'>) =>
  async ({ kind, alertId, service, by }: SlackFeedback): Promise<void> => {
    const input = { kind, service, alertId, givenBy: by };
    const { windowSizeMs } = settings;
    await giveFeedback(input, { nowMs: wallClock(), windowSizeMs, warehouse: await warehouse() });
  };
