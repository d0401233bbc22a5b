import type { IncomingHttpHeaders } from 'node:http';
import { Refused } from '#contracts/refusals';

/**
 * A cookie comes along with whatever page makes a browser send a request. Browsers say which page that was; what says
 * nothing is no browser, and has its cookie from somebody who read it.
 */
export function assertSameOrigin(headers: IncomingHttpHeaders, publicUrl: string | undefined): void {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw new Refused('cross_origin');
  const { origin, host } = headers;
  if (origin === undefined) return;
  const home = publicUrl === undefined ? host : new URL(publicUrl).host;
  if (!URL.canParse(origin) || (new URL(origin).host !== home && new URL(origin).host !== host))
    throw new Refused('cross_origin');
}
