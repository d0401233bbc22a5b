import { describe, expect, it } from '@jest/globals';
import { keySlot } from './key-slot.js';

describe('the slot of a name', () => {
  // As `CLUSTER KEYSLOT` answers.
  it.each([
    ['123456789', 12_739],
    ['foo', 12_182],
    ['keyward:{foo}:till', 12_182],
    ['foo{}{bar}', 8363],
    ['{user1000}.following', 3443],
  ])('%s is %i', (name, slot) => expect(keySlot(name)).toBe(slot));
});
