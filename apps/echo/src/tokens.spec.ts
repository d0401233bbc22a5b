import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { countTokens, tokenize } from './tokens.js';

describe('the echo cuts a text into tokens', () => {
  it.each([
    ['', []],
    ['hello', ['hello']],
    ['Hello, world!', ['Hello', ',', ' world', '!']],
    ['  two  spaces ', ['  two', '  spaces', ' ']],
    ['a_b-c', ['a_b', '-', 'c']],
    ['Grüße, Москва 42', ['Grüße', ',', ' Москва', ' 42']],
    ['abcdefghijklmnop', ['abcdefghijkl', 'mnop']],
    [' \n', [' \n']],
  ])('%j becomes %j', (text, tokens) => {
    expect(tokenize(text)).toEqual(tokens);
  });

  it('loses nothing of any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => tokenize(text).join('') === text));
    fc.assert(fc.property(fc.stringMatching(/^[ a-z\n.]*$/), (text) => tokenize(text).join('') === text));
  });

  it('takes no longer than a long text deserves', () => {
    const started = performance.now();
    expect(countTokens('x'.repeat(1_200_000))).toBe(100_000);
    expect(countTokens(' '.repeat(1_000_000))).toBe(1);
    expect(countTokens(`${' '.repeat(1_000_000)}x`)).toBe(1);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
