import { describe, expect, it } from '@jest/globals';
import { isPrivate, publicOnly } from './addresses.js';
import { post } from './post.js';
import { waitAfter } from './schedule.js';

describe('an address', () => {
  it.each([
    '127.0.0.1',
    '127.255.0.9',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.100.100.200',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fd00:ec2::254',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    'not an address',
  ])('%s is not public', (address) => {
    expect(isPrivate(address)).toBe(true);
  });

  it.each(['93.184.216.34', '8.8.8.8', '172.32.0.1', '2606:2800:220:1::1'])('%s is public', (address) => {
    expect(isPrivate(address)).toBe(false);
  });

  it('of a name is looked at when the connection is made', async () => {
    const found = await new Promise((resolve) => publicOnly('localhost', {}, (error) => resolve(error?.message)));
    expect(found).toBe('localhost is not an address of the public internet');
  });
});

describe('a webhook in production', () => {
  const send = (url: string) => post({ url, headers: {}, body: '{}', anywhere: false });

  it.each([
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://169.254.169.254/latest',
    'https://2130706433/',
    'https://localhost/',
  ])('is not sent to %s', async (url) => {
    await expect(send(url)).rejects.toThrow('not an address of the public internet');
  });

  it('is not sent without encryption', async () => {
    await expect(send('http://example.com/')).rejects.toThrow('only https');
  });
});

describe('the waits between tries', () => {
  it('grow, and come to more than a day', () => {
    const waits = Array.from({ length: 8 }, (_, tries) => waitAfter(tries + 1, 0.5) ?? 0);
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(waits.reduce((sum, wait) => sum + wait)).toBeGreaterThan(24 * 3_600_000);
    expect(waitAfter(9, 0.5)).toBeNull();
  });
});
