import type { Refused } from '#contracts/refusals';

/** SDKs wait for as long as they are told to, some of them an hour: a wait longer than this is for people to decide. */
const LONGEST_WAIT_MILLISECONDS = 60_000;
/** An outage of ours is asked about again soon. */
const OUTAGE_MILLISECONDS = 1000;

/** What a refusal says in headers: who has to prove what, which methods there are, and whether and when to try again. */
export function answerHeaders(refused: Refused, now: number): Record<string, string> {
  return { 'x-keyward-error-code': refused.code, ...challenge(refused), ...allowed(refused), ...retry(refused, now) };
}

function challenge({ code, type }: Refused): Record<string, string> {
  if (type !== 'authentication_error') return {};
  const realm = 'Bearer realm="keyward"';
  return { 'www-authenticate': code === 'missing_api_key' ? realm : `${realm}, error="invalid_token"` };
}

function allowed({ code, details }: Refused): Record<string, string> {
  return code === 'method_not_allowed' && typeof details.allow === 'string' ? { allow: details.allow } : {};
}

function retry(refused: Refused, now: number): Record<string, string> {
  const wait = waitOf(refused, now);
  // Whoever has no money has none in a second either.
  const inVain = refused.type === 'billing_error' || (wait !== null && wait > LONGEST_WAIT_MILLISECONDS);
  return {
    ...(wait === null ? {} : { 'retry-after': String(Math.ceil(wait / 1000)), 'retry-after-ms': String(wait) }),
    ...(inVain ? { 'x-should-retry': 'false' } : {}),
  };
}

/** In milliseconds; null where nobody knows. */
function waitOf({ code, details }: Refused, now: number): number | null {
  if (typeof details.retry_after_ms === 'number') return Math.max(0, Math.ceil(details.retry_after_ms));
  const resetsAt = typeof details.resets_at === 'string' ? Date.parse(details.resets_at) : Number.NaN;
  if (!Number.isNaN(resetsAt)) return Math.max(0, resetsAt - now);
  return code === 'service_unavailable' ? OUTAGE_MILLISECONDS : null;
}
