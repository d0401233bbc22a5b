import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { seal, unseal } from './sealed.js';

const key = randomBytes(32);

describe('a sealed secret', () => {
  it('opens with its key, about what it was sealed for', () => {
    expect(unseal(key, seal(key, 'schlüssel 🔑', 'row 1'), 'row 1')).toBe('schlüssel 🔑');
    expect(unseal(key, seal(key, '', 'row 1'), 'row 1')).toBe('');
  });

  it('never looks the same twice', () => {
    expect(seal(key, 'secret', 'row 1')).not.toEqual(seal(key, 'secret', 'row 1'));
  });

  it('does not open in another row, with another key, or with any bit changed', () => {
    const sealed = seal(key, 'secret', 'row 1');
    expect(() => unseal(key, sealed, 'row 2')).toThrow();
    expect(() => unseal(randomBytes(32), sealed, 'row 1')).toThrow();
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => unseal(key, changed, 'row 1')).toThrow();
    }
    expect(() => unseal(key, sealed.subarray(0, 20), 'row 1')).toThrow();
  });
});
