import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bornAt, idPattern, newId } from '#domain/id';

describe('ids', () => {
  it('carry their kind and their time of birth', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 47 }),
        fc.uint8Array({ minLength: 10, maxLength: 10 }),
        (now, random) => {
          const id = newId('key', now, random);
          expect(id).toMatch(idPattern('key'));
          expect(id).not.toMatch(idPattern('project'));
          expect(bornAt(id)).toBe(now);
        },
      ),
    );
  });

  it('use every random bit', () => {
    const zeros = newId('key', 0, new Uint8Array(10));
    const seen = new Set([zeros]);
    for (let bit = 0; bit < 80; bit++) {
      const random = new Uint8Array(10);
      random[bit >> 3] = 1 << (bit & 7);
      seen.add(newId('key', 0, random));
    }
    expect(seen.size).toBe(81);
  });

  it('sort by birth', () => {
    const ids = [3, 1, 2].map((now) => newId('key', now * 1000, randomBytes(10)));
    expect([...ids].sort().map(bornAt)).toEqual([1000, 2000, 3000]);
  });
});
