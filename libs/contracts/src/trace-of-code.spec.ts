import { describe, expect, it } from '@jest/globals';
import { isRefusalCode } from './refusals.js';
import { traceOfCode } from './trace-of-code.js';

const told = (code: string) => traceOfCode(code)?.steps.map(({ step, result }) => `${step} ${result}`);

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

  it('a provider that failed was asked of a call that everything else had let pass', () => {
    expect(told('upstream_error')?.slice(-2)).toEqual(['price pass', 'provider fail']);
  });

  it('the values a limit was compared with stand at the step that failed', () => {
    const values = { limit: 'budget', limit_value: '1.00', used: '1.00', reserved: '0.00', remaining: '0.00' };
    expect(traceOfCode('spend_limit_reached', values)?.steps.at(-1)).toEqual({
      step: 'budget',
      result: 'fail',
      detail: { code: 'spend_limit_reached', limits: [values] },
    });
    expect(traceOfCode('key_expired', { expired_at: 'then' })?.steps[2]?.detail).toEqual({
      expired_at: 'then',
      code: 'key_expired',
    });
  });

  it('nothing is made up for what is no decision', () => {
    expect(traceOfCode('service_unavailable')).toBeNull();
    expect(traceOfCode(null)).toBeNull();
  });
});
