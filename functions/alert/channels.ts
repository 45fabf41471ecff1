/** The channels that the settings set up; each is loaded when it is. */
import type { Config } from '../config.ts';
import type { Channel } from './channel/channel.ts';
import { safeFetch } from './channel/safe-fetch.ts';

/** Throws an Error that names the settings that are missing beside one that is there. */
export async function openChannels(config: Config, clock: () => number): Promise<Channel[]> {
  const fetch = safeFetch({ allowedHosts: config.allowedHosts });
  const common = { fetch, clock };
  const channels: Channel[] = [];
  if (config.slackToken !== null) {
    const channel = needed(config.slackChannel, 'LOGWEIR_SLACK_CHANNEL', 'LOGWEIR_SLACK_TOKEN');
    const { slackBot } = await import('./channel/slack.ts');
    channels.push(slackBot({ ...common, api: config.slackApi, token: config.slackToken, channel }));
  } else if (config.slackWebhook !== null) {
    const { slackWebhook } = await import('./channel/slack.ts');
    channels.push(slackWebhook({ ...common, url: config.slackWebhook }));
  }
  if (config.smtpUrl !== null) {
    if (config.mailTo.length === 0) throw new Error('LOGWEIR_SMTP_URL is set, and LOGWEIR_MAIL_TO is not');
    const { mail } = await import('./channel/mail.ts');
    channels.push(mail({ url: config.smtpUrl, from: config.mailFrom, to: config.mailTo }));
  }
  if (config.webhookUrl !== null) {
    const { webhook } = await import('./channel/webhook.ts');
    channels.push(webhook({ ...common, url: config.webhookUrl, secret: config.webhookSecret }));
  }
  if (config.pagerdutyKey !== null) {
    const { pagerduty } = await import('./channel/pagerduty.ts');
    channels.push(pagerduty({ ...common, url: config.pagerdutyUrl, routingKey: config.pagerdutyKey }));
  }
  if (config.jiraUrl !== null) {
    const { jira } = await import('./channel/jira.ts');
    const user = needed(config.jiraUser, 'LOGWEIR_JIRA_USER', 'LOGWEIR_JIRA_URL');
    const token = needed(config.jiraToken, 'LOGWEIR_JIRA_TOKEN', 'LOGWEIR_JIRA_URL');
    const project = needed(config.jiraProject, 'LOGWEIR_JIRA_PROJECT', 'LOGWEIR_JIRA_URL');
    channels.push(jira({ ...common, url: config.jiraUrl, user, token, project }));
  }
  return channels;
}

function needed<T>(value: T | null, missing: string, because: string): T {
  if (value === null) throw new Error(`${because} is set, and ${missing} is not`);
  return value;
}
