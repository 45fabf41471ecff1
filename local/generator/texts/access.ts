/** What goes wrong with who may do what: authentication and security. */
import type { TextTable } from './text.ts';

export const authentication: TextTable = {
  category: 'authentication',
  scope: 'request',
  statuses: [401, 403],
  codes: ['TOKEN_EXPIRED', 'INVALID_CREDENTIALS', 'INVALID_SIGNATURE', 'MFA_FAILED', 'SESSION_NOT_FOUND'],
  texts: {
    warn: [
      'login of {user} failed: wrong password (attempt {try})',
      'token of {user} expires in {n} seconds',
      'session {hex} not found, login required',
      'second factor of {user} rejected',
      'refresh token of {user} was used twice',
    ],
    error: [
      'authentication of {user} failed: invalid credentials',
      'JWT rejected: signature does not match key {hex}',
      'token expired {n} minutes ago for {user}',
      'cannot verify the ID token: issuer {host} is unknown',
      'login refused: account of {user} is locked after {try} attempts',
      'OAuth code exchange for {user} failed: invalid_grant',
      'SAML assertion of {host} rejected: audience mismatch',
      'LDAP bind as {user} failed: invalid credentials',
      'signing key {hex} not found in the key set, token not verified',
      'unauthenticated call of {fn}: bearer token missing',
      'password hash of {user} could not be verified',
    ],
    critical: [
      'no signing key available, no token can be issued',
      'identity provider {host} rejects every login, authentication is down',
    ],
  },
  heldOut: {
    warn: ['wrong password for {user}, {try} attempts so far', 'login required: session {hex} has expired'],
    error: [
      'bearer token of {user} rejected: expired {n} minutes ago',
      'credentials of {user} are invalid, login refused',
      'could not verify the signature of the token, key {hex} unknown',
      'sign-in of {user} failed: second factor not accepted',
      'identity token issued by {host} failed verification',
    ],
    critical: ['authentication is down: key set has no signing key, logins are rejected'],
  },
};

export const security: TextTable = {
  category: 'security',
  scope: 'request',
  statuses: [403, 429],
  codes: ['FORBIDDEN', 'CSRF_DETECTED', 'SUSPICIOUS_IP', 'FRAUD_BLOCKED', 'WAF_BLOCKED'],
  texts: {
    warn: [
      'unusual login location for {user} from {ip}',
      'client {ip} blocked for {n} minutes: too many failed attempts',
      'suspicious payload in field {col} was sanitized',
      'access of {user} to {key} denied by policy',
      'fraud score {pct} for {order}, held for review',
    ],
    error: [
      'possible SQL injection from {ip} in parameter {col}, blocked',
      'CSRF token mismatch for session {hex}, request blocked',
      'brute force detected: {big} attempts from {ip}',
      'permission denied: {user} tried to read {key} of another tenant',
      'path traversal attempt from {ip}: access to {path} blocked',
      'fraud check blocked {order}: score {pct}',
      'WAF rule {n} matched, request of {ip} blocked as attack',
      'privilege escalation attempt by {user} was denied',
      'malicious upload of {user} quarantined: signature {hex}',
      'credential stuffing suspected from {ip}: {big} accounts tried',
      'forbidden: policy denies {user} the action on {key}',
    ],
    critical: [
      'data exfiltration suspected: {user} exported {big} records from {ip}',
      'intrusion detected on {node}: unknown binary {hex} was run',
    ],
  },
  heldOut: {
    warn: ['policy denied {user} access to {key}', 'attempts from {ip} look suspicious, client watched'],
    error: [
      'attack blocked: SQL injection pattern in {col} sent by {ip}',
      'brute force attempt: {big} logins tried from {ip}, client blocked',
      'request blocked, cross-site forgery suspected in session {hex}',
      'access denied by policy: {user} is forbidden to change {key}',
      '{order} blocked: fraud suspected with score {pct}',
    ],
    critical: ['intrusion suspected: {user} was denied {big} times from {ip}'],
  },
};
