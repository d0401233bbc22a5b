import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Link } from './link.js';

let link: Link;
beforeEach(() => {
  link = new Link('http://127.0.0.1:9/base/', { connectMs: 100, firstByteMs: 100, idleMs: 100 });
});
afterEach(() => link.pool.destroy());

const fail = (times: number, now: number) => {
  for (let i = 0; i < times; i++) link.notConnected(now);
};

describe('the way to an origin', () => {
  it('has the path of the origin before every path', () => {
    expect(link.pathOf('/v1/models')).toBe('/base/v1/models');
  });

  it('rests for a second after three connections in a row that were not made', () => {
    fail(2, 5000);
    expect(link.isResting(5000)).toBe(false);
    fail(1, 5000);
    expect(link.isResting(5999)).toBe(true);
    expect(link.isResting(6000)).toBe(false);
  });

  it('rests again after the first failure behind a rest, and no more after one that was made', () => {
    fail(3, 5000);
    fail(1, 6000);
    expect(link.isResting(6500)).toBe(true);
    link.connected();
    expect(link.isResting(6500)).toBe(false);
    fail(2, 6500);
    expect(link.isResting(6500)).toBe(false);
  });
});
