import { describe, expect, it } from '@jest/globals';
import { endOf } from '../pages/keys/key-form.js';
import { date, dateTime, lengthOf, relative } from './moments.js';

describe('a moment', () => {
  it.each([9e15, -9e15, Number.NaN, Number.POSITIVE_INFINITY, 'never', ''])(
    '%p is told, and breaks nothing',
    (moment) => {
      expect([dateTime(moment), date(moment)]).toEqual(['–', '–']);
    },
  );

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('nor does the length %p', (length) => {
    expect([lengthOf(length), relative(length, 0)]).toEqual(['–', '–']);
  });

  it('that an expiry ends at is one that a calendar knows, or none', () => {
    expect(endOf({ value: 2, unit: 'hours' }, 0)).toBe(7_200_000);
    expect(endOf({ value: '7', unit: 'days' }, 0)).toBe(604_800_000);
    for (const value of [999_999_999, 0, 1.5, '', 'soon', Number.NaN])
      expect(endOf({ value, unit: 'days' }, 0)).toBeNull();
  });
});
