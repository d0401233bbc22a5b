import { describe, expect, it } from '@jest/globals';
import { addressOf, oneOf, words, yes } from './address.js';

const read = addressOf({ q: words(5), tab: oneOf(['all', 'active']), unused: yes });

describe('an address', () => {
  it.each([
    [{}, {}],
    [
      { q: 'abc', tab: 'all', unused: true },
      { q: 'abc', tab: 'all', unused: true },
    ],
    [{ q: 42 }, { q: '42' }],
    [{ q: 'too long' }, {}],
    [{ q: ['a'], tab: 'none', unused: 'true' }, {}],
    [{ strange: 'field', tab: 'active' }, { tab: 'active' }],
  ])('%j is read as %j', (given, fields) => {
    expect(read(given)).toEqual(fields);
  });
});
