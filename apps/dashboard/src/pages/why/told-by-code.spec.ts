import { describe, expect, it } from '@jest/globals';
import { isRefusalCode } from '#contracts/refusals';
import { toldByCode } from './told-by-code.js';

const told = (code: string) => toldByCode(code)?.steps.map(({ step, result }) => `${step} ${result}`);

describe('what a code alone tells of a decision', () => {
  it('a key that is disabled was known, and nothing behind that was asked', () => {
    expect(told('key_disabled')).toEqual([
      'credential pass',
      'enabled fail',
      'expiry not_reached',
      'scope not_reached',
      'model not_reached',
      'rules not_reached',
      'price not_reached',
    ]);
  });

  it('a limit was only asked of what the rules allow, at a price that is known; nothing is said of the other limits', () => {
    expect(isRefusalCode('insufficient_credits')).toBe(true);
    expect(told('insufficient_credits')?.slice(-2)).toEqual(['price pass', 'credits fail']);
  });

  it('nothing is made up for what is no decision', () => {
    expect(toldByCode('upstream_error')).toBeNull();
    expect(toldByCode(null)).toBeNull();
  });
});
