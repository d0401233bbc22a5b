import type { IncomingMessage } from 'node:http';
import { Refused } from '#contracts/refusals';

/** The secret a client sent: `Authorization: Bearer` or `x-api-key`, never from the URL. */
export function credentialOf(request: IncomingMessage): string {
  assertOnce(request.rawHeaders);
  const { authorization } = request.headers;
  const other = request.headers['x-api-key'];
  const bearer = authorization === undefined ? undefined : bearerOf(authorization);
  const apiKey = typeof other === 'string' && other !== '' ? other : undefined;
  if (bearer !== undefined && apiKey !== undefined && bearer !== apiKey) {
    throw new Refused('invalid_request', {
      message: 'Authorization and x-api-key name two different keys. Send one of them.',
    });
  }
  const secret = bearer ?? apiKey;
  if (secret === undefined) throw new Refused('missing_api_key', { details: { header: 'Authorization' } });
  return secret;
}

/** Node keeps the first of several, another server on the way may have looked at the last. */
function assertOnce(rawHeaders: readonly string[]): void {
  let bearers = 0;
  let apiKeys = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    if (name.length === 13 && name.toLowerCase() === 'authorization') bearers++;
    else if (name.length === 9 && name.toLowerCase() === 'x-api-key') apiKeys++;
  }
  if (bearers > 1 || apiKeys > 1)
    throw new Refused('invalid_request', { message: 'Send one API key, in one header, once.' });
}

/** The scheme in any case, as HTTP has it; another scheme is no key of ours. */
function bearerOf(authorization: string): string | undefined {
  if (authorization.length > 7 && authorization.slice(0, 7).toLowerCase() === 'bearer ')
    return authorization.slice(7).trim() || undefined;
  if (authorization === '' || authorization.trim().toLowerCase() === 'bearer') return undefined;
  throw new Refused('invalid_api_key');
}
