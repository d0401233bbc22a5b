import { describe, expect, it } from '@jest/globals';
import { type LeakOutcome, type LeakPolicy, whatToDoAboutLeak } from '#domain/key/leak';

const NOW = 1_000_000;
const live = { disabledAt: null, expiresAt: null, validUntil: null };

describe('a secret that was found in public', () => {
  it.each<[string, LeakPolicy, Partial<typeof live> | Record<string, number>, LeakOutcome | null]>([
    ['disables its key where the owner wants that', 'disable', {}, 'disabled'],
    ['only marks its key where the owner wants no more', 'flag', {}, 'flagged'],
    ['that is being rotated away stops working, and its key does not', 'disable', { validUntil: NOW + 1 }, 'retired'],
    [
      'that is being rotated away only marks its key under the milder policy',
      'flag',
      { validUntil: NOW + 1 },
      'flagged',
    ],
    ['that has been rotated away is harmless', 'disable', { validUntil: NOW }, null],
    ['of a disabled key marks it: it could be enabled again', 'disable', { disabledAt: 1 }, 'flagged'],
    ['of an expired key marks it', 'disable', { expiresAt: NOW }, 'flagged'],
    ['of a key that will expire disables it', 'disable', { expiresAt: NOW + 1 }, 'disabled'],
  ])('%s', (_, policy, standing, outcome) => {
    expect(whatToDoAboutLeak(policy, { ...live, ...standing }, NOW)).toBe(outcome);
  });
});
