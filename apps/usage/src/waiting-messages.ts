import type { Consumer, JsMsg } from '@nats-io/jetstream';

/** In one transaction: large enough for many requests to meet in the same totals, small enough to be quick. */
const MESSAGES_AT_ONCE = 20;
const WAIT_MILLISECONDS = 1000;

/**
 * The next one, as soon as there is one, with what waits behind it. No more is asked for than waits, and the request is never
 * given up: what the server sent meanwhile would be told to nobody, and again only when its reader is taken for dead.
 */
export async function waitingMessages(consumer: Pick<Consumer, 'next' | 'fetch'>): Promise<JsMsg[]> {
  const first = await consumer.next({ expires: WAIT_MILLISECONDS });
  if (!first) return [];
  const messages = [first];
  const waiting = Math.min(first.info.pending, MESSAGES_AT_ONCE - 1);
  if (waiting === 0) return messages;
  // Where another replica has some of them, it ends with its time.
  const more = await consumer.fetch({ max_messages: waiting, expires: WAIT_MILLISECONDS });
  for await (const message of more) messages.push(message);
  return messages;
}
