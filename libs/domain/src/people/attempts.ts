/** How often somebody may fail to sign in: so often within so long, and then not until the oldest of them is that old. */
export interface Allowance {
  readonly failures: number;
  readonly milliseconds: number;
}

const QUARTER_HOUR = 15 * 60_000;

export const ATTEMPTS = {
  email: { failures: 10, milliseconds: QUARTER_HOUR },
  ip: { failures: 50, milliseconds: QUARTER_HOUR },
} as const satisfies Record<string, Allowance>;

/**
 * How long to wait for the next attempt; 0: none. `nth` is when the newest failure but (failures − 1) was: while it is
 * within the time, there are as many as are allowed. Rounded up: waiting exactly this long is enough.
 */
export function retryAfterSeconds({ milliseconds }: Allowance, nth: number | null, now: number): number {
  return nth === null ? 0 : Math.max(0, Math.ceil((nth + milliseconds - now) / 1000));
}
