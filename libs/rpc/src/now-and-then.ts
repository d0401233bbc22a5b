import type { Log } from './log.js';

const QUIET_MS = 10_000;

/**
 * For what is tried again and again while something is away: the first time it is said at once, with everything that is
 * known, and then now and then with how often it has failed. Four stacks a second would hide what else there is to say.
 */
export function nowAndThen(log: () => Pick<Log, 'warn'>, message: string, now: () => number = () => performance.now()) {
  let saidAt = Number.NEGATIVE_INFINITY;
  let times = 0;
  return (error: unknown): void => {
    times++;
    if (now() - saidAt < QUIET_MS) return;
    log().warn({ err: times === 1 ? error : messageOf(error), times }, message);
    saidAt = now();
    times = 0;
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
