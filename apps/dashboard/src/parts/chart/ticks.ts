const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const STEPS = [
  ...[1, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 7, 14, 28, 56].map((days) => days * DAY),
];
const MOST = 9;

/**
 * Which of these moments have a name below the picture: whole hours and days, and not every twenty-first hour. Moments
 * a day apart are the ledger’s, whose days are those of UTC; all others are read by the clock on one’s wall.
 */
export function ticksOf(moments: readonly number[], offsetMinutes = wallOffset): number[] {
  const [first = 0, second = 0] = moments;
  const isDaily = second - first >= DAY;
  const length = (moments.at(-1) ?? 0) - first;
  const step = STEPS.find((size) => size >= second - first && length / size < MOST) ?? 56 * DAY;
  const wall = (at: number) => Math.floor((at - (isDaily ? 0 : offsetMinutes(at) * MINUTE)) / step);
  return moments.filter((at, index) => index > 0 && wall(at) !== wall(moments[index - 1] ?? at));
}

/** Minutes to UTC, as they were then: a day in spring has an hour less. */
function wallOffset(at: number): number {
  return new Date(at).getTimezoneOffset();
}
