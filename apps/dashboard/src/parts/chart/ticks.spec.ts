import { describe, expect, it } from '@jest/globals';
import { ticksOf } from './ticks.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOON = Date.parse('2026-11-21T11:00:00Z');
const every = (size: number, count: number, from = NOON) => Array.from({ length: count }, (_, at) => from + at * size);
const utc = () => 0;
const written = (moments: number[]) => moments.map((at) => new Date(at).toISOString().slice(5, 16));

describe('the moments that are named below a picture', () => {
  it('are whole days in a week of hours', () => {
    expect(written(ticksOf(every(HOUR, 168), utc))).toEqual([
      '11-22T00:00',
      '11-23T00:00',
      '11-24T00:00',
      '11-25T00:00',
      '11-26T00:00',
      '11-27T00:00',
      '11-28T00:00',
    ]);
  });
  it('are those of the clock on the wall, also where that is half an hour off', () => {
    expect(written(ticksOf(every(HOUR, 168), () => -120)).slice(0, 2)).toEqual(['11-21T22:00', '11-22T22:00']);
    expect(written(ticksOf(every(HOUR, 168), () => -330)).slice(0, 2)).toEqual(['11-21T19:00', '11-22T19:00']);
  });
  it('are whole hours in a day, round minutes in an hour, and whole weeks in a quarter', () => {
    expect(written(ticksOf(every(HOUR, 24), utc)).slice(0, 3)).toEqual(['11-21T12:00', '11-21T15:00', '11-21T18:00']);
    expect(written(ticksOf(every(60_000, 60), utc)).slice(0, 2)).toEqual(['11-21T11:10', '11-21T11:20']);
    const weeks = ticksOf(every(DAY, 90, NOON - (NOON % DAY)), () => -120);
    expect(new Set(weeks.slice(1).map((at, index) => (at - (weeks[index] ?? 0)) / DAY))).toEqual(new Set([14]));
  });
  it('are none where there is nothing to name', () => {
    expect(ticksOf([], utc)).toEqual([]);
    expect(ticksOf([NOON], utc)).toEqual([]);
  });
});
