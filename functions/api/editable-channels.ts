/**
 * The channels that hear of it when somebody takes an incident: those whose message can be edited, which is Slack's bot.
 * Only what they are is told here; what is said to them goes through the outbox, and alert and remind, which have the
 * secrets, send it.
 */
import { type Channel, refused } from '../alert/channel/channel.ts';
import type { Config } from '../config.ts';

export const editableChannels = ({ slackChannel }: Pick<Config, 'slackChannel'>): Channel[] =>
  slackChannel === null
    ? []
    : [{ name: 'slack', updates: 'edit', intervalMs: 0, send: async () => refused('not sent from here') }];
