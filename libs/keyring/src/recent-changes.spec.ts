import { describe, expect, it } from '@jest/globals';
import { RecentChanges } from './recent-changes.js';

describe('recent changes', () => {
  it('remember the newest of each id, told in whatever order', () => {
    const changes = new RecentChanges();
    expect(changes.note('a', 5)).toBe(true);
    expect(changes.note('a', 3)).toBe(false);
    expect(changes.note('a', 5)).toBe(false);
    expect(changes.note('b', 4)).toBe(true);
    expect(changes.of('a')).toBe(5);
    expect(changes.of('b', 'a')).toBe(5);
    expect(changes.of('c')).toBe(0);
  });

  it('ask for more, and never for less, of what they had to forget', () => {
    const changes = new RecentChanges(10);
    changes.note('first', 1000);
    for (let i = 0; i < 100; i++) changes.note(`later ${i}`, 1001 + i);
    expect(changes.of('first')).toBeGreaterThanOrEqual(1000);
    expect(changes.of('never changed')).toBeGreaterThanOrEqual(1000);
    expect(changes.of('later 99')).toBe(1100);
  });
});
