import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inOrder } from '#domain/routing/order';

const route = (id: string, priority: number, weight: number) => ({ id, priority, weight });
const ids = (routes: readonly { id: string }[]) => routes.map(({ id }) => id).join('');

describe('the order of routes', () => {
  it.each([
    ['priority', [route('b', 1, 1), route('a', 0, 1), route('c', 9, 1)], 0.99, 'abc'],
    ['weight, in the first stretch', [route('a', 0, 3), route('b', 0, 1)], 0.7499, 'ab'],
    ['weight, in the second', [route('a', 0, 3), route('b', 0, 1)], 0.75, 'ba'],
    ['nothing, for what has no weight', [route('z', 0, 0), route('a', 0, 1), route('y', 0, 0)], 0, 'azy'],
    ['nothing, where none has any', [route('a', 0, 0), route('b', 0, 0)], 0.9, 'ab'],
  ])('is decided by %s', (_, routes, random, expected) => {
    expect(ids(inOrder(routes, random))).toBe(expected);
  });

  it('has each route once, by priority, and is the same for the same number', () => {
    const routes = fc.array(fc.record({ priority: fc.nat(3), weight: fc.nat(5) }), { maxLength: 8 });
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    const property = fc.property(routes, random, (routes, random) => {
      const order = inOrder(routes, random);
      expect(new Set(order)).toEqual(new Set(routes));
      expect(order).toHaveLength(routes.length);
      const priorities = order.map(({ priority }) => priority);
      expect(priorities).toEqual([...priorities].sort((a, b) => a - b));
      expect(inOrder(routes, random)).toEqual(order);
    });
    fc.assert(property);
  });

  it('puts each route first as often as its weight says, and each second likewise', () => {
    const routes = [route('a', 0, 2), route('b', 0, 1), route('c', 0, 1)];
    const seen = new Map<string, number>();
    for (let i = 0; i < 1200; i++) {
      const order = ids(inOrder(routes, (i + 0.5) / 1200));
      seen.set(order, (seen.get(order) ?? 0) + 1);
    }
    expect(Object.fromEntries(seen)).toEqual({ abc: 300, acb: 300, bac: 200, bca: 100, cab: 200, cba: 100 });
  });
});
