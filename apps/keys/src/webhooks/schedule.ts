const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** After each try that failed. With these a delivery is tried for a little more than a day. */
const WAITS = [5 * SECOND, 1 * MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 10 * HOUR];

/** How long to wait for the next try; null: that was the last. Spread, so that a receiver that comes back is not run over. */
export function waitAfter(tries: number, random: number): number | null {
  const wait = WAITS[tries - 1];
  return wait === undefined ? null : Math.round(wait * (0.9 + 0.2 * random));
}
