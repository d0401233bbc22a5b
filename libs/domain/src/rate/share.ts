/** What one of several may admit, so that all of them together admit exactly the limit: the first ones take the remainder. */
export function shareOf(limit: number, me: string, all: readonly string[]): number {
  const others = [...new Set([...all, me])].sort();
  const rest = limit % others.length;
  return Math.floor(limit / others.length) + (others.indexOf(me) < rest ? 1 : 0);
}
