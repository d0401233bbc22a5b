import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TwoGenerations } from './two-generations.js';

describe('a map of two generations', () => {
  it('keeps what is asked for, and forgets what nobody asks for', () => {
    const map = new TwoGenerations<number, string>(10);
    map.set(0, 'asked for');
    for (let i = 1; i < 100; i++) {
      map.set(i, 'met once');
      expect(map.get(0)).toBe('asked for');
    }
    expect(map.get(1)).toBeUndefined();
    expect(map.get(99)).toBe('met once');
  });

  it('never holds more than its capacity, nor a deleted key, and says of each that it forgets which it was', () => {
    const step = fc.tuple(fc.constantFrom('set' as const, 'get' as const, 'delete' as const), fc.nat(30));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.array(step, { maxLength: 300 }), (capacity, steps) => {
        const present = new Set<number>();
        const map = new TwoGenerations<number, number>(capacity, (key) => expect(present.delete(key)).toBe(true));
        const does = {
          set: (key: number) => {
            present.add(key);
            map.set(key, key);
          },
          get: (key: number) => expect(map.get(key)).toBe(present.has(key) ? key : undefined),
          delete: (key: number) => {
            present.delete(key);
            map.delete(key);
          },
        };
        for (const [verb, key] of steps) {
          does[verb](key);
          expect(new Set([...map].map(([held]) => held))).toEqual(present);
          expect(map.size).toBe(present.size);
          expect(map.size).toBeLessThanOrEqual(Math.max(2, capacity));
        }
      }),
    );
  });
});
