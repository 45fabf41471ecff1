/** What the services say when all is well: each its own work, and what every service does beside it. */
import type { TextTable } from './text.ts';

type Normal = Pick<TextTable, 'texts' | 'heldOut'>;

const normal = (scope: TextTable['scope'], tables: Normal): TextTable => ({
  category: 'normal',
  scope,
  statuses: [400, 404, 409, 422],
  codes: ['BAD_REQUEST', 'NOT_FOUND', 'CONFLICT'],
  ...tables,
});

const gateway = normal('request', {
  texts: {
    debug: [
      'matched route {route} for {method} {path}',
      'forwarding {method} {path} to {callee}',
      'response headers of {callee}: {n} fields, {big} bytes',
      'client {ip} accepts gzip, compressing {big} bytes',
    ],
    info: [
      '{method} {path} {status} in {ms} ms',
      'request completed: {method} {path}, {big} bytes sent',
      '{callee} answered {method} {path} in {ms} ms',
      'served {path} from the edge cache, {big} bytes',
      'request of {user} routed to {callee}',
      '{method} {path} finished with {status}, {ms} ms upstream',
    ],
    warn: [
      '{method} {path} answered {status}: not found',
      'client {ip} sent a malformed header, ignored',
      'request body of {big} bytes is larger than usual for {route}',
      '{method} {path} answered {status}: validation failed',
    ],
  },
  heldOut: {
    debug: ['route {route} selected, target {callee}'],
    info: ['{method} {path} done: {status} after {ms} ms', 'answered {user} with {big} bytes for {path}'],
    warn: ['{path} does not exist, answered {status}'],
  },
});

const auth = normal('request', {
  texts: {
    debug: [
      'claims of {user}: {n} roles, tenant {n}',
      'password hash checked in {ms} ms',
      'session {hex} loaded from the store',
      'key {hex} selected to sign the token',
    ],
    info: [
      'user {user} logged in from {ip}',
      'token issued for {user}, valid for {n} minutes',
      'token of {user} refreshed',
      'session {hex} of {user} extended',
      'user {user} logged out, session lasted {n} minutes',
      'second factor of {user} accepted',
    ],
    warn: ['user {user} has {n} sessions open', 'password of {user} expires in {n} days'],
  },
  heldOut: {
    debug: ['token for {user} signed with key {hex}'],
    info: ['{user} signed in, session {hex} created', 'new token handed to {user}'],
    warn: ['{user} should change the password within {n} days'],
  },
});

const payment = normal('request', {
  texts: {
    debug: [
      'fee of {order}: {amount} {cur}',
      'charge request for {order} built, {n} items',
      'idempotency key {hex} is new',
      'exchange rate {cur} fetched in {ms} ms',
    ],
    info: [
      'charge of {amount} {cur} for {order} approved',
      'payment {hex} captured: {amount} {cur}',
      'refund of {amount} {cur} for {order} accepted',
      'invoice for {order} sent to {user}',
      'authorization of {amount} {cur} by {upstream} in {ms} ms',
      'payout batch entry {hex} settled',
    ],
    warn: [
      'card of {user} declined: insufficient funds',
      'charge for {order} repeated, idempotency key {hex} known',
      'amount {amount} {cur} of {order} is unusually high',
    ],
  },
  heldOut: {
    debug: ['{order}: fee computed, {amount} {cur}'],
    info: ['captured {amount} {cur} for {order}', '{order} paid by {user}, receipt sent'],
    warn: ['card declined for {order}, {user} has insufficient funds'],
  },
});

const inventory = normal('request', {
  texts: {
    debug: [
      'stock of {sku} read from cache',
      'warehouse {n} chosen for {sku}',
      'availability of {n} items computed in {ms} ms',
      'price list {n} applied to {sku}',
    ],
    info: [
      'reserved {n} of {sku} for {order}',
      'stock of {sku} is {big} after sale',
      'product {sku} looked up in {ms} ms',
      'shipment for {order} leaves warehouse {n}',
      '{n} items of {order} picked',
      'catalogue page {n} rendered, {n} products',
    ],
    warn: [
      'stock of {sku} is low: {n} left',
      'product {sku} not found',
      'reservation of {sku} for {order} expires in {n} minutes',
    ],
  },
  heldOut: {
    debug: ['cache hit for stock of {sku}'],
    info: ['{order}: {n} of {sku} reserved in warehouse {n}', 'lookup of {sku} took {ms} ms'],
    warn: ['only {n} of {sku} left in stock'],
  },
});

const user = normal('request', {
  texts: {
    debug: [
      'profile of {user} read, {n} fields',
      'preferences of {user} merged',
      'avatar of {user} is {big} bytes',
      'address of {user} normalised in {ms} ms',
    ],
    info: [
      'profile of {user} updated: {col}',
      'user {user} registered from {ip}',
      'address of {user} changed',
      'notification settings of {user} saved',
      'profile of {user} served in {ms} ms',
      'consent of {user} recorded, version {n}',
    ],
    warn: [
      'user {user} not found',
      'e-mail of {user} not confirmed for {n} days',
      'profile of {user} changed by another request, merged',
    ],
  },
  heldOut: {
    debug: ['{n} preferences of {user} loaded'],
    info: ['{user} changed {col} of the profile', 'registered {user}, welcome mail queued'],
    warn: ['{user} has not confirmed the e-mail address yet'],
  },
});

/** By kind of service: what it says about its requests. */
export const normalByKind = { 'api-gateway': gateway, auth, payment, inventory, user } as const;

/** What any service says beside its requests. */
export const normalJobs = normal('job', {
  texts: {
    debug: [
      'cache {key}: {big} entries, {pct}% hits',
      'heartbeat sent to {node}',
      'job {hex} picked from queue {queue}',
      'metrics flushed: {big} points',
    ],
    info: [
      'cache {key} refreshed: {big} entries in {ms} ms',
      'scheduled job {job} finished in {ms} ms',
      'health check passed, {n} dependencies up',
      'GC finished in {n} ms, {mb} MB freed',
      'connection pool {pool}: {n} in use, {n} idle',
      'consumed {big} messages from queue {queue}',
      'configuration version {n} loaded',
      'leader election: {node} stays leader',
      'certificate of {host} renewed, valid for {n} days',
      'listening on port {port}',
    ],
    warn: ['job {job} took {bigms} ms, longer than usual', 'clock of {node} is off by {n} ms'],
  },
  heldOut: {
    debug: ['{big} metrics points sent to {node}'],
    info: ['job {job} done, {big} rows in {ms} ms', 'all {n} health checks passed'],
    warn: ['{job} is slower than usual: {bigms} ms'],
  },
});
