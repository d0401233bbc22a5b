import type { IncomingMessage } from 'node:http';
import { contains, type Network, parseAddress, parseNetwork } from '#domain/policy/network';

/** The names that Fastify’s own setting knows, so that both surfaces believe the same proxies. */
const NAMED: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

/**
 * Where a request comes from. Each proxy writes down whom it heard it from; what is written is believed for as long as
 * it was written by one of ours. Null where nobody can say.
 */
export function clientIpBy(trustedProxies: string | undefined): (request: IncomingMessage) => string | null {
  const trusted = networksOf(trustedProxies ?? '');
  const isOurs = (ip: string) => {
    const address = parseAddress(ip);
    return address !== null && trusted.some((network) => contains(network, address));
  };
  return ({ socket, headers }) => {
    const peer = socket.remoteAddress ?? null;
    if (trusted.length === 0 || peer === null || !isOurs(peer)) return peer;
    const told = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
    const heard = told.map((each) => withoutPort(each.trim())).filter((ip) => ip !== '');
    // Where all of them are ours, it came from the one that is furthest away.
    const ip = heard.findLast((each) => !isOurs(each)) ?? heard[0] ?? peer;
    // One of ours heard it from somebody it has no address of.
    return parseAddress(ip) === null ? null : ip;
  };
}

/** Some proxies write down where exactly it came from: `192.0.2.1:49152`, `[2001:db8::1]:49152`. */
function withoutPort(text: string): string {
  return /^(?:\[([^\]]*)\]|([\d.]+))(?::\d{1,5})?$/.exec(text)?.slice(1).find(Boolean) ?? text;
}

function networksOf(setting: string): Network[] {
  return setting
    .split(',')
    .map((text) => text.trim())
    .flatMap((text) => NAMED[text] ?? [text])
    .flatMap((text) => parseNetwork(text) ?? []);
}
