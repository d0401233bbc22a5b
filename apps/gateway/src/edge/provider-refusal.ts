import type { IncomingHttpHeaders } from 'node:http';
import { Refused } from '#contracts/refusals';

/** Our credential is wrong or has no money left: nothing the client could know of or do about. */
const OURS: readonly number[] = [401, 402, 403, 407];
const LONGEST_WAIT_SECONDS = 24 * 3600;

/** Another provider may well answer, where this one says this. */
export function isWorthAnother(status: number): boolean {
  return status === 429 || isOurTrouble(status);
}

/**
 * How a provider's no is told to the client; null where it passes as it came: what it says of the request is for whoever
 * made it. What it says of itself, or of us, is an error of the way there.
 */
export function providerRefusal(status: number, headers: IncomingHttpHeaders): Refused | null {
  if (isPacked(headers)) return upstreamError(`it answers in ${headers['content-encoding']}, unasked`);
  if (!isOurTrouble(status)) return null;
  const wait = Number(headers['retry-after'] ?? Number.NaN);
  const known = wait >= 0 && wait <= LONGEST_WAIT_SECONDS ? { retry_after_ms: wait * 1000 } : {};
  return upstreamError(`it answers ${status}`, OURS.includes(status) ? {} : { provider_status: status, ...known });
}

function isOurTrouble(status: number): boolean {
  return status >= 500 || (status >= 300 && status < 400) || OURS.includes(status);
}

/** It cannot be read for the bill, and the client has not said that it could read it. */
function isPacked(headers: IncomingHttpHeaders): boolean {
  const coding = headers['content-encoding'];
  return coding !== undefined && coding.toLowerCase() !== 'identity';
}

function upstreamError(problem: string, details: Record<string, unknown> = {}): Refused {
  return new Refused('upstream_error', { details, cause: new Error(`the provider failed: ${problem}`) });
}
