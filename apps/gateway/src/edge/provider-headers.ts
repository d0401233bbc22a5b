import type { IncomingHttpHeaders } from 'node:http';
import { VERSION } from '#runtime/version';
import type { Endpoint } from './endpoints.js';

/**
 * Which headers pass, in both directions: these and no others. Whatever else a client sends (cookies, its own key,
 * `x-forwarded-*`, hop-by-hop) never reaches a provider, and a provider's own limits, cookies and ids no client.
 */

const USER_AGENT = `keyward/${VERSION}`;
/** Without one Anthropic refuses to answer. */
const ANTHROPIC_VERSION = '2023-06-01';

/** What the provider gets: built anew, in pairs. A client's `openai-organization` would choose who pays. */
export function requestHeaders(
  { dialect }: Endpoint,
  stream: boolean,
  client: IncomingHttpHeaders,
  credential: string | null,
): string[] {
  const headers = [
    'content-type',
    'application/json',
    'accept',
    stream ? 'text/event-stream' : 'application/json',
    // What comes back has to be read for the bill.
    'accept-encoding',
    'identity',
    'user-agent',
    USER_AGENT,
  ];
  const pass = (name: string, otherwise?: string) => {
    const value = client[name] ?? otherwise;
    if (typeof value === 'string') headers.push(name, value);
  };
  if (dialect === 'anthropic') {
    if (credential !== null) headers.push('x-api-key', credential);
    pass('anthropic-version', ANTHROPIC_VERSION);
    pass('anthropic-beta');
  } else {
    if (credential !== null) headers.push('authorization', `Bearer ${credential}`);
    pass('openai-beta');
  }
  return headers;
}

/** What the client gets of the provider's headers. */
const ANSWERED = ['content-type', 'retry-after', 'retry-after-ms', 'x-should-retry', 'openai-processing-ms'];

export function answeredHeaders(provider: IncomingHttpHeaders): Record<string, string> {
  const headers: Record<string, string> = { 'cache-control': 'no-store' };
  for (const name of ANSWERED) {
    const value = provider[name];
    if (typeof value === 'string') headers[name] = value;
  }
  return headers;
}
