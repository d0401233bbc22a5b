const DATE_TIME = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });
const DATE = new Intl.DateTimeFormat('en', { dateStyle: 'medium' });
const DAY_OF_YEAR = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric' });
const AGO = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

type Moment = string | number;
const millisecondsOf = (moment: Moment) => (typeof moment === 'number' ? moment : Date.parse(moment));
/** What no calendar knows: a page that has to write it is worth more than the moment. */
const UNKNOWN = '–';
const isKnown = (milliseconds: number) => !Number.isNaN(new Date(milliseconds).getTime());

export function dateTime(moment: Moment): string {
  const milliseconds = millisecondsOf(moment);
  return isKnown(milliseconds) ? DATE_TIME.format(milliseconds) : UNKNOWN;
}

/** “Nov 21”; with its year where that is another one. */
export function date(moment: Moment): string {
  const milliseconds = millisecondsOf(moment);
  if (!isKnown(milliseconds)) return UNKNOWN;
  const thisYear = new Date(milliseconds).getFullYear() === new Date().getFullYear();
  return (thisYear ? DAY_OF_YEAR : DATE).format(milliseconds);
}

/** “5 min. ago”, “in 3 days”: to one unit, because nobody reads more of them. */
export function relative(moment: Moment, now: number): string {
  const away = millisecondsOf(moment) - now;
  const size = Math.abs(away);
  if (!Number.isFinite(size)) return UNKNOWN;
  if (size < 45_000) return away < 0 ? 'just now' : 'in a moment';
  if (size < HOUR) return AGO.format(Math.round(away / MINUTE), 'minute');
  if (size < DAY) return AGO.format(Math.round(away / HOUR), 'hour');
  if (size < 60 * DAY) return AGO.format(Math.round(away / DAY), 'day');
  return AGO.format(Math.round(away / (30.44 * DAY)), 'month');
}

/** “1 d 4 h”, “12 min 5 s”: how long something still takes. */
export function lengthOf(milliseconds: number): string {
  if (!Number.isFinite(milliseconds)) return UNKNOWN;
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const [days, hours] = [Math.floor(seconds / 86_400), Math.floor((seconds % 86_400) / 3600)];
  const minutes = Math.floor((seconds % 3600) / 60);
  if (days > 0) return join(days, 'd', hours, 'h');
  if (hours > 0) return join(hours, 'h', minutes, 'min');
  return minutes > 0 ? join(minutes, 'min', seconds % 60, 's') : `${seconds} s`;
}

function join(much: number, unit: string, rest: number, small: string): string {
  return rest === 0 ? `${much} ${unit}` : `${much} ${unit} ${rest} ${small}`;
}
