import { money } from '../../parts/money.js';
import type { Bucket, Range } from './usage-search.js';

const TIME = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const DAY_TIME = new Intl.DateTimeFormat('en', {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});
/** The ledger’s days are those of UTC, wherever one reads them. */
const UTC_DAY = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric', timeZone: 'UTC' });
const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

export function momentIn(bucket: Bucket, range: Range): (at: number) => string {
  if (bucket === '1d') return (at) => UTC_DAY.format(at);
  return range === '1h' || range === '24h' ? (at) => TIME.format(at) : (at) => DAY_TIME.format(at);
}

/** A float, of a picture: as many digits as it takes to be more than nothing. */
export function drawnMoney(currency: string): (amount: number) => string {
  return (amount) => money(amount.toFixed(9), currency);
}

export const short = (count: number) => SHORT.format(count);
export const percent = (share: number) => `${share.toLocaleString('en', { maximumFractionDigits: 1 })} %`;
