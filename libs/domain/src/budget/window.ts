export const WINDOW_UNITS = ['hour', 'day', 'week', 'month'] as const;
export type WindowUnit = (typeof WINDOW_UNITS)[number];

/** Windows that end with the calendar’s, in UTC: the hour, the day, the week from Monday, the month. */
export const ALIGNMENTS = ['calendar'] as const;
export type Alignment = (typeof ALIGNMENTS)[number];

/** A window that recurs: every `every` units, counted from the anchor. */
export interface Recurrence {
  readonly every: number;
  readonly unit: WindowUnit;
  /** Milliseconds since the epoch. */
  readonly anchor: number;
  /** Left out: they begin at the anchor, to the millisecond. */
  readonly align?: Alignment;
}

export interface Window {
  readonly index: number;
  readonly start: number;
  readonly end: number;
}

const MILLISECONDS = { hour: 3_600_000, day: 86_400_000, week: 604_800_000 } as const;

/** From one hour to twelve months. */
const MOST: Record<WindowUnit, number> = { hour: 8_784, day: 366, week: 52, month: 12 };

export function isWindowLength(every: number, unit: WindowUnit): boolean {
  return Number.isInteger(every) && every >= 1 && every <= MOST[unit];
}

/** The window that holds this moment. Read off the clock: there is no job that could fail to reset it. */
export function windowAt(recurrence: Recurrence, now: number): Window {
  if (recurrence.align !== 'calendar') return windowFrom(recurrence, now);
  const { unit, anchor } = recurrence;
  const window = windowFrom({ ...recurrence, anchor: beginningOf(unit, anchor) }, now);
  // What was used before the limit was set is not in its first window, and that is shorter.
  return window.index === 0 ? { ...window, start: anchor } : window;
}

function windowFrom(recurrence: Recurrence, now: number): Window {
  let index = roughIndex(recurrence, now);
  while (startOf(recurrence, index) > now) index--;
  while (startOf(recurrence, index + 1) <= now) index++;
  return { index, start: startOf(recurrence, index), end: startOf(recurrence, index + 1) };
}

function roughIndex({ every, unit, anchor }: Recurrence, now: number): number {
  if (unit !== 'month') return Math.floor((now - anchor) / (every * MILLISECONDS[unit]));
  const [from, to] = [new Date(anchor), new Date(now)];
  const months = (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth();
  return Math.floor(months / every);
}

function startOf({ every, unit, anchor }: Recurrence, index: number): number {
  return unit === 'month' ? addMonths(anchor, index * every) : anchor + index * every * MILLISECONDS[unit];
}

/** Of the hour, day, week or month that this moment is in. */
function beginningOf(unit: WindowUnit, moment: number): number {
  const at = new Date(moment);
  if (unit === 'month') return Date.UTC(at.getUTCFullYear(), at.getUTCMonth());
  const day = Math.floor(moment / MILLISECONDS.day) * MILLISECONDS.day;
  if (unit === 'week') return day - ((at.getUTCDay() + 6) % 7) * MILLISECONDS.day;
  return unit === 'day' ? day : Math.floor(moment / MILLISECONDS.hour) * MILLISECONDS.hour;
}

/** Always from the anchor itself, never from the window before: 31 January gives 28 February and then 31 March. */
function addMonths(anchor: number, months: number): number {
  const from = new Date(anchor);
  const day = from.getUTCDate();
  const to = new Date(anchor);
  to.setUTCDate(1);
  to.setUTCMonth(from.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(to.getUTCFullYear(), to.getUTCMonth() + 1, 0)).getUTCDate();
  to.setUTCDate(Math.min(day, lastDay));
  return to.getTime();
}
