import { setTimeout as sleep } from 'node:timers/promises';

/** Asks until the answer is right; fails with the last answer. For what takes a moment, and no longer than it must. */
export async function eventually<T>(
  ask: () => Promise<T>,
  isRight: (answer: T) => boolean,
  milliseconds = 5000,
  everyMilliseconds = 20,
): Promise<T> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    const answer = await ask();
    if (isRight(answer)) return answer;
    if (Date.now() > deadline)
      throw new Error(`not within ${milliseconds} ms; the last answer was ${JSON.stringify(answer)}`);
    await sleep(everyMilliseconds);
  }
}
