import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { matchesWildcard } from '#domain/routing/wildcard';

describe('a wildcard', () => {
  it.each([
    ['gpt-4*', 'gpt-4', true],
    ['gpt-4*', 'gpt-4o-mini', true],
    ['gpt-4*', 'my-gpt-4', false],
    ['gpt-4', 'gpt-4o', false],
    ['*', '', true],
    ['*-mini', 'gpt-4o-mini', true],
    ['*-mini', 'gpt-4o-mini-2', false],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['a*b*c', 'abbc', true],
    ['a*b*c', 'acbc', true],
    ['a*b*b', 'ab', false],
    ['gpt.4', 'gpt-4', false],
    ['', '', true],
  ])('%s and %s: %s', (pattern, text, matches) => {
    expect(matchesWildcard(pattern, text)).toBe(matches);
  });

  it('says what the regular expression of the same meaning says', () => {
    const letters = (alphabet: string) => fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 8 });
    const property = fc.property(letters('ab*'), letters('ab'), (pattern, text) => {
      const expected = new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(text);
      expect(matchesWildcard(pattern, text)).toBe(expected);
    });
    fc.assert(property);
  });
});
