import { describe, expect, it } from '@jest/globals';
import { expectedRevision, isFresh, tagOf } from './etag.js';

describe('If-Match', () => {
  it.each([
    ['"7"', 7],
    ['"7-abc_-9"', 7],
    ['W/"7-abc"', 7],
    [' "12" ', 12],
    ['*', undefined],
    [undefined, undefined],
  ])('%j means revision %p', (header, revision) => {
    expect(expectedRevision(header)).toBe(revision);
  });

  it.each(['7', '""', '"x"', '"-7"', '"1", "2"', '"1"; DROP', `"${'9'.repeat(16)}"`, ''])('%j is refused', (header) => {
    expect(() => expectedRevision(header)).toThrow(
      expect.objectContaining({ code: 'invalid_request', param: 'If-Match' }),
    );
  });
});

describe('a tag', () => {
  it('names the revision, and differs when anything does', () => {
    const [one, same, other] = [
      { revision: 7, usage: '1.00' },
      { revision: 7, usage: '1.00' },
      { revision: 7, usage: '2.00' },
    ].map(tagOf);
    expect(one).toMatch(/^"7-[\w-]{8}"$/);
    expect(same).toBe(one);
    expect(other).not.toBe(one);
  });

  it.each([
    ['"7-a"', true],
    ['W/"7-a"', true],
    ['"1-x", "7-a"', true],
    ['*', true],
    ['"7"', false],
    [undefined, false],
  ])('If-None-Match %j has seen "7-a": %p', (header, fresh) => {
    expect(isFresh(header, '"7-a"')).toBe(fresh);
  });
});
