/**
 * Every way Keyward says no, in one place. HTTP, RPC and the dashboard speak these codes; a profile may
 * change a status, never a code. The message is for users: it names what to do, never a secret.
 */
export const REFUSALS = {
  missing_api_key: [401, 'authentication_error', 'API key is required. Send it as "Authorization: Bearer <key>".'],
  invalid_api_key: [401, 'authentication_error', 'Invalid API key'],
  key_disabled: [401, 'authentication_error', 'This API key is disabled.'],
  key_expired: [401, 'authentication_error', 'This API key has expired.'],
  permission_denied: [403, 'permission_error', 'This API key does not have the permission this call needs.'],
  model_not_allowed: [403, 'permission_error', 'The requested model is not allowed for this API key.'],
  provider_not_allowed: [403, 'permission_error', 'No provider of the requested model is allowed for this API key.'],
  pricing_not_allowed: [403, 'permission_error', 'The price of the requested model is not allowed for this API key.'],
  condition_not_met: [403, 'permission_error', 'A rule of this API key does not allow this request.'],
  model_unpriced: [
    403,
    'permission_error',
    'The requested model has no known price, and this API key has a spend limit.',
  ],
  spend_limit_reached: [402, 'billing_error', 'The spend limit of this API key is reached.'],
  period_spend_limit_reached: [402, 'billing_error', 'The spend limit of the current period is reached.'],
  insufficient_credits: [402, 'billing_error', 'The credit balance of this account is exhausted.'],
  rate_limit_exceeded: [429, 'rate_limit_error', 'Too many requests per minute.'],
  token_rate_limit_exceeded: [429, 'rate_limit_error', 'Too many tokens per minute.'],
  concurrency_limit_exceeded: [429, 'rate_limit_error', 'Too many requests at once.'],
  request_exceeds_token_limit: [
    400,
    'invalid_request_error',
    'This request alone is larger than the tokens per minute allow.',
  ],
  invalid_request: [400, 'invalid_request_error', 'The request is not valid.'],
  request_too_large: [413, 'invalid_request_error', 'The request body is too large.'],
  unsupported_media_type: [415, 'invalid_request_error', 'The request body must be application/json.'],
  method_not_allowed: [405, 'invalid_request_error', 'This route does not take that method.'],
  model_not_found: [404, 'not_found_error', 'The requested model does not exist.'],
  not_found: [404, 'not_found_error', 'There is nothing here.'],
  unauthenticated: [401, 'authentication_error', 'Sign in first.'],
  invalid_signature: [401, 'authentication_error', 'The signature of this request is not valid.'],
  invalid_credentials: [401, 'authentication_error', 'E-mail or password is wrong.'],
  forbidden: [403, 'permission_error', 'Your role does not allow this.'],
  cross_origin: [403, 'permission_error', 'This request came from another site.'],
  plan_limit_reached: [403, 'permission_error', 'The plan allows no more of these.'],
  too_many_attempts: [429, 'rate_limit_error', 'Too many attempts. Wait a while.'],
  new_expiry_needed: [409, 'invalid_request_error', 'This key has expired: give it a new expiry to enable it.'],
  conflict: [409, 'invalid_request_error', 'This conflicts with what is there already.'],
  precondition_failed: [412, 'invalid_request_error', 'Somebody else changed this in the meantime.'],
  idempotency_mismatch: [422, 'invalid_request_error', 'This Idempotency-Key was used with a different request.'],
  upstream_error: [502, 'api_error', 'The provider failed.'],
  upstream_timeout: [504, 'api_error', 'The provider did not answer in time.'],
  service_unavailable: [503, 'api_error', 'A part of the service is not available. Try again in a moment.'],
  internal_error: [500, 'api_error', 'Something went wrong on our side.'],
} as const satisfies Record<string, readonly [status: number, type: string, message: string]>;

export type RefusalCode = keyof typeof REFUSALS;
export type RefusalType = (typeof REFUSALS)[RefusalCode][1];

export function isRefusalCode(code: unknown): code is RefusalCode {
  return typeof code === 'string' && Object.hasOwn(REFUSALS, code);
}

export interface RefusalFacts {
  /** For the user; the catalogue's own sentence where none is given. */
  readonly message?: string;
  /** The field that was wrong. */
  readonly param?: string;
  /** Machine-readable facts for the user: limits, times, the deciding rule. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** For operators only: goes to the log, never over the wire. */
  readonly cause?: unknown;
}

/** The one error a decision throws. */
export class Refused extends Error {
  readonly code: RefusalCode;
  readonly status: number;
  readonly type: RefusalType;
  readonly param?: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: RefusalCode, facts: RefusalFacts = {}) {
    const [status, type, message] = REFUSALS[code];
    super(facts.message ?? message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'Refused';
    this.code = code;
    this.status = status;
    this.type = type;
    this.param = facts.param;
    this.details = facts.details ?? {};
  }
}
