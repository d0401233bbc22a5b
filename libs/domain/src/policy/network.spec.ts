import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { contains, parseAddress, parseNetwork } from './network.js';

const isIn = (network: string, address: string) => {
  const [net, at] = [parseNetwork(network), parseAddress(address)];
  return net !== null && at !== null && contains(net, at);
};

describe('a network', () => {
  it.each([
    ['192.0.2.0/24', '192.0.2.255', true],
    ['192.0.2.0/24', '192.0.3.0', false],
    ['192.0.2.7', '192.0.2.7', true],
    ['192.0.2.7', '192.0.2.8', false],
    ['0.0.0.0/0', '255.255.255.255', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['::/0', '192.0.2.1', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::', false],
    ['192.0.2.0/24', '::ffff:192.0.2.9', true],
    ['::ffff:192.0.2.0/120', '192.0.2.9', true],
    ['fe80::/10', 'fe80::1%eth0', true],
    ['2001:DB8::1', '2001:db8:0:0:0:0:0:1', true],
    ['::ffff:0:0/96', '203.0.113.9', true],
    ['::ffff:0:0/96', '2001:db8::1', false],
    ['192.0.2.9', '::FFFF:C000:209', true],
    ['64:ff9b::/96', '64:ff9b::192.0.2.1', true],
    ['192.0.2.1', '::192.0.2.1', false],
  ])('%s and %s: %s', (network, address, expected) => {
    expect(isIn(network, address)).toBe(expected);
  });

  it.each([
    '',
    '192.0.2.1/24',
    '192.0.2.0/33',
    '192.0.2.0/',
    '192.0.2/24',
    '192.0.2.01',
    '256.0.0.1',
    '::/129',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    '::g',
    '192.0.2.0/24/1',
    'fe80::1%eth0/64',
    '::ffff:192.0.2.0/24',
    '192.0.2.1::',
    '192.0.2.1::/32',
    '1:192.0.2.1::2',
    '192.0.2.0/024',
    'example.com',
  ])('is not %j', (text) => {
    expect(parseNetwork(text)).toBeNull();
  });

  it('of IPv4 has those addresses that begin with the same bits', () => {
    const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
    fc.assert(
      fc.property(octets, octets, fc.nat(32), (of, asked, length) => {
        const bits = (parts: number[]) => parts.map((part) => part.toString(2).padStart(8, '0')).join('');
        const base = bits(of).slice(0, length).padEnd(32, '0');
        const text = [0, 8, 16, 24].map((at) => Number.parseInt(base.slice(at, at + 8), 2)).join('.');
        const expected = bits(asked).startsWith(base.slice(0, length));
        expect(isIn(`${text}/${length}`, asked.join('.'))).toBe(expected);
      }),
    );
  });
});
