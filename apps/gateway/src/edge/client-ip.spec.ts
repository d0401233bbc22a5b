import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { clientIpBy } from './client-ip.js';

const from = (peer: string, forwarded?: string) =>
  ({ socket: { remoteAddress: peer }, headers: forwarded ? { 'x-forwarded-for': forwarded } : {} }) as IncomingMessage;

describe('where a request comes from', () => {
  it.each<[string | undefined, string, string | undefined, string | null]>([
    [undefined, '203.0.113.9', '192.0.2.1', '203.0.113.9'],
    ['10.0.0.0/8', '203.0.113.9', '192.0.2.1', '203.0.113.9'],
    ['10.0.0.0/8', '10.0.0.1', undefined, '10.0.0.1'],
    ['10.0.0.0/8', '10.0.0.1', '192.0.2.1', '192.0.2.1'],
    ['10.0.0.0/8', '::ffff:10.0.0.1', '192.0.2.1', '192.0.2.1'],
    ['10.0.0.0/8', '10.0.0.1', '192.0.2.1, 203.0.113.9', '203.0.113.9'],
    ['10.0.0.0/8', '10.0.0.1', '192.0.2.1, 10.0.0.2', '192.0.2.1'],
    ['10.0.0.0/8', '10.0.0.1', 'unknown, 192.0.2.1', '192.0.2.1'],
    // One of ours heard it from nobody knows whom: that is not from one of ours.
    ['10.0.0.0/8', '10.0.0.1', 'unknown, 10.0.0.2', null],
    ['loopback, 10.0.0.0/8', '127.0.0.1', '192.0.2.1', '192.0.2.1'],
    ['uniquelocal', 'fd00::1', '2001:db8::1', '2001:db8::1'],
    ['10.0.0.0/8', '10.0.0.1', '192.0.2.1:49152', '192.0.2.1'],
    ['10.0.0.0/8', '10.0.0.1', '[2001:db8::1]:49152, 10.0.0.2:80', '2001:db8::1'],
    ['10.0.0.0/8', '10.0.0.1', '[2001:db8::1]', '2001:db8::1'],
    ['10.0.0.0/8', '10.0.0.1', '2001:db8::1:443', '2001:db8::1:443'],
  ])('with %s trusted, heard from %s that it is %s: %s', (trusted, peer, forwarded, expected) => {
    expect(clientIpBy(trusted)(from(peer, forwarded))).toBe(expected);
  });
});
