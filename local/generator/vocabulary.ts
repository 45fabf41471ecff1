/** The words of each kind of service: its tables, classes, queues, and whom it calls. */

export const KINDS = ['api-gateway', 'auth', 'payment', 'inventory', 'user'] as const;

export type Kind = (typeof KINDS)[number];

export interface Vocabulary {
  /** What it calls outside of this system. */
  readonly upstreams: readonly string[];
  readonly tables: readonly string[];
  readonly columns: readonly string[];
  readonly classes: readonly string[];
  readonly functions: readonly string[];
  readonly files: readonly string[];
  readonly queues: readonly string[];
  readonly pools: readonly string[];
  readonly settings: readonly string[];
  readonly keys: readonly string[];
  readonly jobs: readonly string[];
}

const words = (text: string): readonly string[] => text.split(' ');

export const VOCABULARY: Readonly<Record<Kind, Vocabulary>> = {
  'api-gateway': {
    upstreams: words('edge-cache rate-limiter geo-lookup flag-service'),
    tables: words('routes api_keys rate_limits'),
    columns: words('route_id client_id quota path_prefix'),
    classes: words('RouteTable ProxyHandler RateLimiter HeaderFilter RequestPipeline'),
    functions: words('matchRoute forward applyLimits rewriteHeaders streamBody'),
    files: words('proxy.js router.js limits.js pipeline.js'),
    queues: words('access-log audit retries'),
    pools: words('upstream-http edge-tls'),
    settings: words('UPSTREAM_TIMEOUT_MS MAX_BODY_BYTES RATE_LIMIT_RPS TLS_CERT_PATH'),
    keys: words('routes.v2 limits.default cors.origins edge.cache'),
    jobs: words('refresh-routes rotate-access-log prune-limits'),
  },
  auth: {
    upstreams: words('identity-provider captcha-check sms-sender directory'),
    tables: words('sessions credentials refresh_tokens signing_keys'),
    columns: words('user_id expires_at secret_hash tenant_id'),
    classes: words('TokenIssuer SessionStore PasswordPolicy KeySet LoginFlow'),
    functions: words('issueToken verifyToken login refresh rotateKeys'),
    files: words('token.js session.js login.js keys.js'),
    queues: words('login-events mail-otp revocations'),
    pools: words('session-db directory-ldap'),
    settings: words('TOKEN_TTL SIGNING_KEY_ID SESSION_STORE_URL MAX_LOGIN_ATTEMPTS'),
    keys: words('policy.password oidc.clients session.ttl mfa.required'),
    jobs: words('expire-sessions rotate-signing-keys sync-directory'),
  },
  payment: {
    upstreams: words('card-acquirer fraud-check bank-api invoice-mailer'),
    tables: words('payments ledger refunds payouts'),
    columns: words('amount currency order_id settled_at'),
    classes: words('ChargeService LedgerWriter RefundPolicy AcquirerClient PayoutBatch'),
    functions: words('charge capture refund settle postLedger'),
    files: words('ChargeService.java LedgerWriter.java AcquirerClient.java PayoutBatch.java'),
    queues: words('captures refunds webhooks payouts'),
    pools: words('ledger-db acquirer-http'),
    settings: words('ACQUIRER_URL MERCHANT_ID LEDGER_DB_URL FRAUD_THRESHOLD'),
    keys: words('acquirer.endpoint fees.table limits.daily payout.schedule'),
    jobs: words('settle-payouts reconcile-ledger expire-authorizations'),
  },
  inventory: {
    upstreams: words('warehouse-api price-feed shipping-rates supplier-edi'),
    tables: words('stock reservations products warehouses'),
    columns: words('sku quantity reserved_until warehouse_id'),
    classes: words('StockKeeper ReservationBook Catalogue PriceList Picker'),
    functions: words('reserve release lookup reprice count_stock'),
    files: words('stock.py reservation.py catalogue.py pricing.py'),
    queues: words('stock-moves price-updates shipments'),
    pools: words('stock-db catalogue-cache'),
    settings: words('STOCK_DB_DSN CACHE_TTL RESERVATION_MINUTES PRICE_FEED_URL'),
    keys: words('warehouses.active prices.current stock.thresholds picking.rules'),
    jobs: words('recount-stock import-prices release-expired'),
  },
  user: {
    upstreams: words('mail-sender avatar-store address-check consent-registry'),
    tables: words('users profiles addresses consents'),
    columns: words('email display_name locale postal_code'),
    classes: words('ProfileStore AddressBook ConsentLog Registration Preferences'),
    functions: words('GetProfile UpdateProfile Register SaveConsent MergeAddress'),
    files: words('profile.go address.go consent.go register.go'),
    queues: words('welcome-mails profile-events avatars'),
    pools: words('user-db avatar-http'),
    settings: words('USER_DB_URL MAIL_FROM AVATAR_BUCKET LOCALE_DEFAULT'),
    keys: words('profile.fields consent.version locale.map mail.templates'),
    jobs: words('purge-unconfirmed resize-avatars export-consents'),
  },
};
