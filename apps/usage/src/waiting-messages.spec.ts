import { describe, expect, it } from '@jest/globals';
import type { Consumer, ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import { waitingMessages } from './waiting-messages.js';

const message = (pending: number) => ({ info: { pending } }) as JsMsg;

/** A stream in which one more message comes while the others are read. */
function streamOf(waiting: number) {
  const asked: number[] = [];
  let isGivenUp = false;
  async function* sent(count: number) {
    try {
      for (let i = count; i > 0; i--) yield message(i - 1);
      isGivenUp = false;
    } finally {
      asked.push(count);
    }
  }
  const consumer = {
    next: async () => message(waiting),
    fetch: async ({ max_messages = 0 }) => {
      isGivenUp = true;
      return sent(max_messages) as unknown as ConsumerMessages;
    },
  } as unknown as Pick<Consumer, 'next' | 'fetch'>;
  return { consumer, asked, isGivenUp: () => isGivenUp };
}

describe('what waits for a worker', () => {
  it.each([
    [0, [], 1],
    [3, [3], 4],
    [1000, [19], 20],
  ])('is asked for as much as it is, %d behind the first, and read to its end', async (waiting, asks, count) => {
    const stream = streamOf(waiting);
    expect(await waitingMessages(stream.consumer)).toHaveLength(count);
    expect(stream.asked).toEqual(asks);
    expect(stream.isGivenUp()).toBe(false);
  });
});
