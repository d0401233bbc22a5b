import { describe, expect, it } from '@jest/globals';
import { ATTEMPTS, retryAfterSeconds } from './attempts.js';

const { email } = ATTEMPTS;

describe('attempts to sign in', () => {
  it('are free while fewer have failed than are allowed', () => {
    expect(retryAfterSeconds(email, null, 0)).toBe(0);
  });

  it('wait until the tenth-newest failure is a quarter of an hour old, to the second', () => {
    const tenth = 1_000_000;
    expect(retryAfterSeconds(email, tenth, tenth)).toBe(900);
    expect(retryAfterSeconds(email, tenth, tenth + 899_001)).toBe(1);
    expect(retryAfterSeconds(email, tenth, tenth + 900_000)).toBe(0);
    const now = tenth + 12_345;
    const wait = retryAfterSeconds(email, tenth, now);
    expect(retryAfterSeconds(email, tenth, now + wait * 1000)).toBe(0);
    expect(retryAfterSeconds(email, tenth, now + (wait - 1) * 1000)).toBe(1);
  });
});
