import { describe, expect, it } from '@jest/globals';
import { type RefusalCode, Refused } from '#contracts/refusals';
import { answerHeaders } from './answer-headers.js';

const NOW = Date.parse('2026-03-01T10:00:00.000Z');
const headersOf = (code: RefusalCode, details: Record<string, unknown> = {}) => {
  const { 'x-keyward-error-code': said, ...rest } = answerHeaders(new Refused(code, { details }), NOW);
  expect(said).toBe(code);
  return rest;
};

describe('the headers of a refusal', () => {
  it('challenge who has no key, and who has a wrong one', () => {
    expect(headersOf('missing_api_key')).toEqual({ 'www-authenticate': 'Bearer realm="keyward"' });
    for (const code of ['invalid_api_key', 'key_disabled', 'key_expired'] as const)
      expect(headersOf(code)).toEqual({ 'www-authenticate': 'Bearer realm="keyward", error="invalid_token"' });
  });

  it('say when a limit has room again, to the millisecond and in whole seconds that are enough', () => {
    expect(headersOf('rate_limit_exceeded', { retry_after_ms: 2001 })).toEqual({
      'retry-after': '3',
      'retry-after-ms': '2001',
    });
    expect(headersOf('token_rate_limit_exceeded', { resets_at: '2026-03-01T10:00:00.500Z' })).toEqual({
      'retry-after': '1',
      'retry-after-ms': '500',
    });
    expect(headersOf('rate_limit_exceeded', { resets_at: '2026-03-01T09:59:59.000Z' })['retry-after']).toBe('0');
  });

  it('tell an SDK not to sleep for an hour', () => {
    expect(headersOf('rate_limit_exceeded', { retry_after_ms: 60_000 })).not.toHaveProperty('x-should-retry');
    expect(headersOf('rate_limit_exceeded', { retry_after_ms: 60_001 })).toMatchObject({ 'x-should-retry': 'false' });
  });

  it('tell it not to try again where there is no money, also where the window will end', () => {
    expect(headersOf('spend_limit_reached')).toEqual({ 'x-should-retry': 'false' });
    expect(headersOf('insufficient_credits')).toEqual({ 'x-should-retry': 'false' });
    expect(headersOf('period_spend_limit_reached', { resets_at: '2026-03-01T10:00:30Z' })).toEqual({
      'retry-after': '30',
      'retry-after-ms': '30000',
      'x-should-retry': 'false',
    });
  });

  it('ask for another try after an outage of ours, and say nothing where nothing is known', () => {
    expect(headersOf('service_unavailable')).toEqual({ 'retry-after': '1', 'retry-after-ms': '1000' });
    expect(headersOf('upstream_error')).toEqual({});
    expect(headersOf('rate_limit_exceeded', { resets_at: 'soon' })).toEqual({});
  });

  it('name the methods there are', () => {
    expect(headersOf('method_not_allowed', { allow: 'POST' })).toEqual({ allow: 'POST' });
  });
});
