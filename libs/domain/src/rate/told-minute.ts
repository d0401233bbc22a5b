import type { Counted } from './sliding-minute.js';

/**
 * A minute that may have forgotten something, after somebody has told what it knows: of what everybody admitted, and of what
 * it has admitted itself that the minute cannot know. The same as the script TELL. Of two who know the same admissions, by
 * however different cells, the larger sum counts, from every second on: nothing counts twice, and nothing is less than was
 * known.
 */
export function toldMinute(
  minute: readonly Counted[],
  known: readonly Counted[],
  own: readonly Counted[],
  lastSecond: number,
): Counted[] {
  const seconds = [...new Set([...minute, ...known].map(({ second }) => Math.min(second, lastSecond)))].sort(
    (a, b) => b - a,
  );
  const since = (cells: readonly Counted[], from: number) =>
    cells.reduce((sum, { second, amount }) => (Math.min(second, lastSecond) >= from ? sum + amount : sum), 0);
  const told = new Map<number, number>();
  let before = 0;
  for (const second of seconds) {
    const all = Math.max(since(minute, second), since(known, second));
    told.set(second, all - before);
    before = all;
  }
  for (const { second, amount } of own) {
    const at = Math.min(second, lastSecond);
    told.set(at, (told.get(at) ?? 0) + amount);
  }
  return [...told].map(([second, amount]) => ({ second, amount })).sort((a, b) => a.second - b.second);
}
