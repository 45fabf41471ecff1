/** The settings of the API and the page, as functions/config.ts takes them in. */
import {
  bytes,
  httpUrl,
  type Kind,
  name,
  named,
  number,
  optional,
  secret,
  setting,
} from '../setting-kinds.ts';
import { ROLES, type Role } from './schema/principal.ts';

/** What somebody may, and whose rows they see. */
export interface Membership {
  readonly role: Role;
  readonly tenant: string | null;
}

const membership: Kind<Membership> = {
  allowed: `${ROLES.join(', ')}, or one of them with a tenant (viewer:shop)`,
  parse(text) {
    const [role, tenant = null, ...more] = text.split(':');
    const known = ROLES.find((one) => one === role);
    return known === undefined || tenant === '' || more.length > 0 ? undefined : { role: known, tenant };
  },
};

const globs: Kind<readonly string[]> = {
  allowed: 'names of services separated by |, with * for any characters',
  parse(text) {
    const all = text.split('|').map((one) => one.trim());
    return all.every((one) => one !== '') ? all : undefined;
  },
};

const audience: Kind<string> = {
  allowed: 'the audience of a token, without white space',
  parse: (text) => (/^\S{1,500}$/.test(text) ? text : undefined),
};

const label: Kind<string> = {
  allowed: 'the name of a label: letters, digits and _',
  parse: (text) => (/^[A-Za-z_]\w{0,99}$/.test(text) ? text : undefined),
};

const origins: Kind<readonly string[]> = {
  allowed: 'origins such as https://logs.example.com separated by commas, or empty',
  parse(text) {
    const all = text.split(',').flatMap((one) => (one.trim() === '' ? [] : [one.trim()]));
    return all.every((one) => URL.canParse(one) && new URL(one).origin === one) ? all : undefined;
  },
};

const zone: Kind<string> = {
  allowed: 'an IANA time zone such as Europe/Berlin',
  parse(text) {
    try {
      return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
    } catch {
      return undefined;
    }
  },
};

const flag: Kind<boolean> = {
  allowed: 'on or off',
  parse: (text) => (text === 'on' ? true : text === 'off' ? false : undefined),
};

export const API_SETTINGS = {
  apiKey: setting(
    'LOGWEIR_API_KEY',
    secret(32),
    '',
    'signs the tokens of the API; several separated by commas: the first signs, all are good; empty: none are',
  ),
  apiAudience: setting(
    'LOGWEIR_API_AUDIENCE',
    optional(audience),
    '',
    'audience of ID tokens signed by Google; empty: they are refused',
  ),
  iapAudience: setting(
    'LOGWEIR_IAP_AUDIENCE',
    optional(audience),
    '',
    'audience of assertions of the Identity-Aware Proxy; empty: they are refused',
  ),
  apiMembers: setting(
    'LOGWEIR_API_MEMBERS',
    named(membership),
    '',
    'who may what by e-mail or domain: ann@example.com=admin,example.com=viewer,bob@shop.com=analyst:shop',
  ),
  tenantLabel: setting('LOGWEIR_TENANT_LABEL', label, 'tenant', 'label of an entry that names its tenant'),
  tenantServices: setting(
    'LOGWEIR_TENANT_SERVICES',
    named(globs),
    '',
    "services whose windows and alerts a tenant sees, its own alone: shop=shop-*|cart; a tenant's entries go by the label",
  ),
  apiRate: setting(
    'LOGWEIR_API_RATE',
    number(1, 100_000),
    '50',
    'requests a second for each caller and instance; four seconds of it may come at once',
  ),
  apiMaxScanBytes: setting(
    'LOGWEIR_API_MAX_SCAN',
    bytes(1024 ** 2, 1024 ** 5),
    '100GiB',
    'a query that BigQuery would bill for more is refused',
  ),
  apiSql: setting(
    'LOGWEIR_API_SQL',
    flag,
    'off',
    'whether the API takes SQL; analysts of no tenant may use it',
  ),
  apiOrigins: setting(
    'LOGWEIR_API_ORIGINS',
    origins,
    '',
    'other origins whose pages may call the API; the page itself needs none',
  ),
  slackSigningSecret: setting(
    'LOGWEIR_SLACK_SIGNING_SECRET',
    secret(16),
    '',
    'signing secret of the Slack app whose buttons are pressed; empty: they are refused',
  ),
  driftUrl: setting(
    'LOGWEIR_DRIFT_URL',
    optional(httpUrl),
    '',
    'URL of the drift function, which promotes models and rolls them back; empty: the API cannot',
  ),
  logTopic: setting(
    'LOGWEIR_LOG_TOPIC',
    optional(name),
    '',
    'Pub/Sub topic of the logs, for live tail and for what is tried again; empty: neither is there',
  ),
  zone: setting('LOGWEIR_ZONE', zone, 'UTC', 'time zone of the deployment, for days on the page'),
} as const;
