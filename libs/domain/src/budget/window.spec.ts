import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isWindowLength, type Recurrence, WINDOW_UNITS, windowAt } from '#domain/budget/window';

const at = (text: string) => Date.parse(text);
const moments = fc.integer({ min: at('2020-01-01T00:00:00Z'), max: at('2040-01-01T00:00:00Z') });
const recurrences: fc.Arbitrary<Recurrence> = fc.record({
  every: fc.integer({ min: 1, max: 12 }),
  unit: fc.constantFrom(...WINDOW_UNITS),
  anchor: moments,
  align: fc.constantFrom(undefined, 'calendar' as const),
});

describe('recurring windows', () => {
  it('hold every moment exactly once, without a gap', () => {
    fc.assert(
      fc.property(recurrences, moments, (recurrence, later) => {
        // Before it was set there is no limit that could have windows.
        const now = Math.max(later, recurrence.anchor);
        const window = windowAt(recurrence, now);
        expect(window.start).toBeLessThanOrEqual(now);
        expect(window.end).toBeGreaterThan(now);
        expect(windowAt(recurrence, window.end).start).toBe(window.end);
        expect(windowAt(recurrence, window.end - 1)).toEqual(window);
        expect(windowAt(recurrence, window.start)).toEqual(window);
      }),
    );
  });

  it('the first one begins at the anchor', () => {
    fc.assert(
      fc.property(recurrences, (recurrence) => {
        expect(windowAt(recurrence, recurrence.anchor)).toMatchObject({ index: 0, start: recurrence.anchor });
      }),
    );
  });

  it('a monthly one keeps the anchor’s day, and takes the last where a month has none', () => {
    const monthly: Recurrence = { every: 1, unit: 'month', anchor: at('2026-01-31T10:00:00Z') };
    const starts = ['2026-02-27', '2026-03-01', '2026-04-10', '2026-05-05'].map((day) =>
      new Date(windowAt(monthly, at(`${day}T12:00:00Z`)).start).toISOString().slice(0, 10),
    );
    expect(starts).toEqual(['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30']);
    expect(new Date(windowAt(monthly, at('2028-02-29T11:00:00Z')).start).toISOString()).toBe(
      '2028-02-29T10:00:00.000Z',
    );
  });

  it.each([
    ['hour', 1, '2026-03-18T10:00:00Z', '2026-03-18T11:00:00Z'],
    ['hour', 6, '2026-03-18T15:00:00Z', '2026-03-18T21:00:00Z'],
    ['day', 1, '2026-03-19T00:00:00Z', '2026-03-20T00:00:00Z'],
    ['week', 1, '2026-03-23T00:00:00Z', '2026-03-30T00:00:00Z'],
    ['week', 2, '2026-03-30T00:00:00Z', '2026-04-13T00:00:00Z'],
    ['month', 1, '2026-04-01T00:00:00Z', '2026-05-01T00:00:00Z'],
    ['month', 12, '2027-03-01T00:00:00Z', '2028-03-01T00:00:00Z'],
  ] as const)(
    'those of the calendar, of %s times %i: the first is what is left of it, the others are whole',
    (unit, every, first, second) => {
      const anchor = at('2026-03-18T09:30:00.123Z');
      const aligned: Recurrence = { unit, every, anchor, align: 'calendar' };
      expect(windowAt(aligned, anchor)).toMatchObject({ start: anchor, end: at(first) });
      expect(windowAt(aligned, at(first))).toMatchObject({ start: at(first), end: at(second) });
    },
  );

  it('on the first moment of a calendar’s window one is whole at once', () => {
    const anchor = at('2026-03-01T00:00:00Z');
    expect(windowAt({ unit: 'month', every: 1, anchor, align: 'calendar' }, anchor)).toMatchObject({
      start: anchor,
      end: at('2026-04-01T00:00:00Z'),
    });
  });

  it.each([
    [0, 'hour', false],
    [1, 'hour', true],
    [12, 'month', true],
    [13, 'month', false],
    [53, 'week', false],
    [1.5, 'day', false],
    [366, 'day', true],
    [367, 'day', false],
  ] as const)('may last %d %s: %s', (every, unit, allowed) => {
    expect(isWindowLength(every, unit)).toBe(allowed);
  });
});
