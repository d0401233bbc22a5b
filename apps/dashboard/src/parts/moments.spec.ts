import { describe, expect, it } from '@jest/globals';
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
});
