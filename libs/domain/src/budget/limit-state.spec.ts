import { describe, expect, it } from '@jest/globals';
import { limitState } from './limit-state.js';

describe('the state of a limit', () => {
  it.each([
    ['no limit at all', [], 'ok'],
    ['a limit of null, however much is spent', [{ limit: null, spent: 10n ** 20n }], 'ok'],
    ['one nano under four fifths', [{ limit: 100n, spent: 79n }], 'ok'],
    ['four fifths', [{ limit: 100n, spent: 80n }], 'near'],
    ['one nano under the limit', [{ limit: 100n, spent: 99n }], 'near'],
    ['the limit itself', [{ limit: 100n, spent: 100n }], 'reached'],
    ['more than the limit', [{ limit: 100n, spent: 101n }], 'reached'],
    ['a limit of nothing', [{ limit: 0n, spent: 0n }], 'reached'],
    [
      'the worst of two',
      [
        { limit: 100n, spent: 85n },
        { limit: 10n, spent: 10n },
      ],
      'reached',
    ],
    [
      'the worst of two, in either order',
      [
        { limit: 10n, spent: 9n },
        { limit: 100n, spent: 1n },
      ],
      'near',
    ],
  ])('%s', (_, spendings, state) => {
    expect(limitState(spendings)).toBe(state);
  });
});
