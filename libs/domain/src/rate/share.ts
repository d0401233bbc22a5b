import type { Counted } from './sliding-minute.js';

/** What one of several may admit, so that all of them together admit exactly the limit: the first ones take the remainder. */
export function shareOf(limit: number, me: string, all: readonly string[]): number {
  const others = [...new Set([...all, me])].sort();
  const rest = limit % others.length;
  return Math.floor(limit / others.length) + (others.indexOf(me) < rest ? 1 : 0);
}

/**
 * What was admitted together, as one of several counts it against its share: from every second on the same share of what was
 * admitted since. All of them together may then admit, at every moment, exactly what is left of the limit.
 */
export function sharesOf(cells: readonly Counted[], me: string, all: readonly string[]): Counted[] {
  let everybody = 0;
  let mine = 0;
  return cells
    .toReversed()
    .map(({ second, amount }) => {
      everybody += amount;
      const before = mine;
      mine = shareOf(everybody, me, all);
      return { second, amount: mine - before };
    })
    .toReversed();
}
