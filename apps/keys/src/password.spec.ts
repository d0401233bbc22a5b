import { describe, expect, it } from '@jest/globals';
import { hashPassword, passwordMatches } from './password.js';

describe('a password', () => {
  it('matches its own hash and no other', async () => {
    const stored = await hashPassword('correct horse');
    expect(await passwordMatches('correct horse', stored)).toBe(true);
    expect(await passwordMatches('correct horsf', stored)).toBe(false);
    expect(stored).not.toContain('horse');
  });

  it('is hashed with a salt of its own', async () => {
    expect(await hashPassword('same')).not.toBe(await hashPassword('same'));
  });

  it('is the same however its accents are composed', async () => {
    expect(await passwordMatches('cafe\u0301', await hashPassword('caf\u00e9'))).toBe(true);
  });

  it('never matches a hash of another kind', async () => {
    expect(await passwordMatches('x', 'md5$1$1$YQ$YQ')).toBe(false);
  });
});
