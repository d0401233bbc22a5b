import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from './log.js';

const RETRY_MILLISECONDS = 100;
const COMPLAIN_MILLISECONDS = 5000;

/**
 * Tries until it works: at boot the others may still be on their way, and in no particular order. Rejects where whoever
 * waits is told to stop.
 */
export async function patiently<T>(
  what: string,
  log: Log,
  attempt: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  let complainAt = Date.now() + COMPLAIN_MILLISECONDS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() >= complainAt) {
        log.warn({ err: error }, `still waiting: ${what}`);
        complainAt = Date.now() + COMPLAIN_MILLISECONDS;
      }
      await sleep(RETRY_MILLISECONDS, undefined, { signal });
    }
  }
}
