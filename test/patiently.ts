import { setTimeout as sleep } from 'node:timers/promises';
import { Refused } from '#contracts/refusals';

/** An outage is no answer: on a busy machine some wait longer than they are waited for, and ask again, as every caller would. */
export async function patiently<T>(call: () => Promise<T>, milliseconds = 10_000): Promise<T> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== 'service_unavailable' || Date.now() > deadline) throw error;
      await sleep(50);
    }
  }
}
