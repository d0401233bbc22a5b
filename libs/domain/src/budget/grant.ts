import type { Nanos } from '#domain/money';

/** A bucket as the bank has it, under the lock of its row. */
export interface Account {
  readonly limit: Nanos;
  readonly settled: Nanos;
  readonly granted: Nanos;
}

export interface Ask {
  readonly need: Nanos;
  readonly want: Nanos;
  /** What the bank has set aside for this till already. */
  readonly outstanding: Nanos;
  /** The bucket of many tills: a project's, an organization's. */
  readonly shared: boolean;
}

/** A till counts in doubles, which are exact up to nine million units of money; this stays well below. */
export const MOST_IN_A_TILL: Nanos = 4_000_000_000_000_000n;

/** Few refills even where a till cannot tell yet how fast it spends, and still little lost with one. */
const LIMIT_PARTS = 64n;
/** A till that has not settled so many slices yet gets what it needs, and nothing to keep. */
const SLICES_OUT = 4n;
/** Beyond its need no till takes more of what is left for all. */
const SHARED_PARTS = 8n;

export function freeOf({ limit, settled, granted }: Account): Nanos {
  return limit - settled - granted;
}

/** How much the bank sets aside: never more than is free, whatever is asked for. */
export function grantOf(account: Account, { need, want, outstanding, shared }: Ask): Nanos {
  const free = freeOf(account);
  if (free <= 0n || (need <= 0n && want <= 0n)) return 0n;
  const usual = larger(want, account.limit / LIMIT_PARTS);
  // Grants whose answers came too late, returns that were not heard: ask by ask they would set all of a limit aside, unspent.
  const hasPlenty = outstanding >= usual * SLICES_OUT;
  const wanted = hasPlenty ? 0n : shared ? smaller(usual, free / SHARED_PARTS) : usual;
  return larger(smaller(smaller(free, larger(need, wanted)), MOST_IN_A_TILL - outstanding), 0n);
}

function smaller(a: Nanos, b: Nanos): Nanos {
  return a < b ? a : b;
}

function larger(a: Nanos, b: Nanos): Nanos {
  return a > b ? a : b;
}
