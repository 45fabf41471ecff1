/** The settings of alerting, as functions/config.ts takes them in. */
import { duration, httpUrl, type Kind, name, optional, secret, setting } from '../setting-kinds.ts';

const ADDRESS = /^[^\s@<>,;"]+@[a-z0-9.-]+$/i;

/** An e-mail address, or a name with the address in brackets. */
const mailAddress: Kind<string> = {
  allowed: 'an e-mail address, or Name <address>',
  parse(text) {
    const address = /^[^<>\r\n"]*<([^<>]+)>$/.exec(text.trim())?.[1] ?? text.trim();
    return ADDRESS.test(address) ? text.trim() : undefined;
  },
};

const mailAddresses: Kind<readonly string[]> = {
  allowed: 'e-mail addresses separated by commas, or empty',
  parse(text) {
    const all = text.split(',').filter((one) => one.trim() !== '');
    return all.every((one) => ADDRESS.test(one.trim())) ? all.map((one) => one.trim()) : undefined;
  },
};

const hosts: Kind<readonly string[]> = {
  allowed: 'hosts or host:port separated by commas, or empty',
  parse(text) {
    const all = text.split(',').map((one) => one.trim());
    if (text.trim() === '') return [];
    return all.every((one) => /^[\w.-]+(:\d{1,5})?$/.test(one)) ? all : undefined;
  },
};

const secretUrl = (...protocols: readonly string[]): Kind<string | null> => ({
  allowed: `${protocols.map((one) => `${one}//`).join(' or ')} URL, or empty`,
  secret: true,
  parse(text) {
    if (text === '') return null;
    return URL.canParse(text) && protocols.includes(new URL(text).protocol) ? text : undefined;
  },
});

/** JSON, or the path of a file with it; looked at when the function opens. */
const configText: Kind<string> = {
  allowed: 'a JSON object, the path of a file that holds one, or empty',
  parse: (text) => text,
};

export const ALERT_SETTINGS = {
  alertConfig: setting(
    'LOGWEIR_ALERTS',
    configText,
    '',
    'rules, tiers, objectives, routes, maintenance of alerting (functions/alert/rules/config.ts); empty: the defaults',
  ),
  pageUrl: setting(
    'LOGWEIR_PAGE_URL',
    optional(httpUrl),
    '',
    'the page, for the links in messages; empty: no links',
  ),
  healthMs: setting(
    'LOGWEIR_ALERT_HEALTH',
    duration(60_000, 3_600_000),
    '5m',
    "how often the pipeline's own health and the objectives are looked at",
  ),
  alertLeaseMs: setting(
    'LOGWEIR_ALERT_LEASE',
    duration(5_000, 600_000),
    '90s',
    'how long the messages of an incident are left to who began to send them; then another goes on, as after a crash',
  ),
  slackToken: setting(
    'LOGWEIR_SLACK_TOKEN',
    secret(10),
    '',
    'bot token: one message an incident, edited and threaded; needs chat:write, and channels:history to find what a crash left',
  ),
  slackChannel: setting(
    'LOGWEIR_SLACK_CHANNEL',
    optional(name),
    '',
    'channel that the bot writes to, its id',
  ),
  slackWebhook: setting(
    'LOGWEIR_SLACK_WEBHOOK',
    secretUrl('https:', 'http:'),
    '',
    'incoming webhook, where there is no bot token: single messages',
  ),
  slackApi: setting('LOGWEIR_SLACK_API', httpUrl, 'https://slack.com/api/', "Slack's Web API"),
  smtpUrl: setting(
    'LOGWEIR_SMTP_URL',
    secretUrl('smtp:', 'smtps:'),
    '',
    'relay that mails go out by: smtp://user:password@host:587',
  ),
  mailFrom: setting('LOGWEIR_MAIL_FROM', mailAddress, 'Logweir <logweir@localhost>', 'sender of mails'),
  mailTo: setting('LOGWEIR_MAIL_TO', mailAddresses, '', 'who gets mails'),
  webhookUrl: setting(
    'LOGWEIR_WEBHOOK_URL',
    secretUrl('https:', 'http:'),
    '',
    'webhook that gets alerts as JSON',
  ),
  webhookSecret: setting(
    'LOGWEIR_WEBHOOK_SECRET',
    secret(16),
    '',
    'key of the signature of the webhook; empty: not signed',
  ),
  allowedHosts: setting(
    'LOGWEIR_ALLOWED_HOSTS',
    hosts,
    '',
    'hosts that channels may call although they are private or without TLS',
  ),
  pagerdutyKey: setting('LOGWEIR_PAGERDUTY_KEY', secret(16), '', 'integration key of PagerDuty, Events v2'),
  pagerdutyUrl: setting(
    'LOGWEIR_PAGERDUTY_URL',
    httpUrl,
    'https://events.pagerduty.com/v2/enqueue',
    "PagerDuty's Events API",
  ),
  jiraUrl: setting('LOGWEIR_JIRA_URL', optional(httpUrl), '', 'Jira that gets an issue for each incident'),
  jiraUser: setting('LOGWEIR_JIRA_USER', optional(mailAddress), '', 'account of the issues'),
  jiraToken: setting('LOGWEIR_JIRA_TOKEN', secret(8), '', 'API token of the account'),
  jiraProject: setting('LOGWEIR_JIRA_PROJECT', optional(name), '', 'key of the project'),
} as const;
