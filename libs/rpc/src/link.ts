import { setImmediate as nextTurn } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/transport-node';
import { type Log, nestLog } from './log.js';

export interface LinkOptions {
  /** The server has just answered: what was sent before this is not stuck on the way. */
  readonly onAnswer?: () => void;
  readonly everyMs?: number;
  readonly patienceMs?: number;
  readonly log?: Log;
}

/**
 * Finds out within little more than a second that a connection is open and dead: a link that swallows everything looks
 * like silence, and the client's own pings need three times as long. A new connection is then forced. Returns how to stop.
 */
export function watchLink(connection: NatsConnection, options: LinkOptions = {}): () => void {
  const { onAnswer, everyMs = 400, patienceMs = 800, log = nestLog('link') } = options;
  let asking = false;
  let stopped = false;
  const ask = async () => {
    if (asking || connection.isClosed()) return;
    asking = true;
    const answer = await answerOf(connection, patienceMs);
    asking = false;
    if (stopped) return;
    if (answer === 'answered') onAnswer?.();
    if (answer === 'silent') {
      log.warn({ silent_ms: patienceMs }, 'NATS does not answer on an open connection; opening a new one');
      await breakLink(connection);
    }
  };
  const timer = setInterval(() => void ask(), everyMs);
  return () => {
    stopped = true;
    clearInterval(timer);
  };
}

/** `gone`: there is no connection at the moment, and the client is at work on a new one. */
async function answerOf(connection: NatsConnection, patienceMs: number): Promise<'answered' | 'silent' | 'gone'> {
  const { promise, resolve } = Promise.withResolvers<'answered' | 'silent' | 'gone'>();
  connection.rtt().then(
    () => resolve('answered'),
    () => resolve('gone'),
  );
  // A process that was busy for a second sees its timers first: an answer that is there already must still count.
  const timer = setTimeout(() => void nextTurn().then(() => resolve('silent')), patienceMs);
  const answer = await promise;
  clearTimeout(timer);
  return answer;
}

interface Insides {
  readonly protocol?: { readonly transport?: { readonly socket?: { destroy(error: Error): void } } };
}

/**
 * `reconnect()` first flushes what is unsent, and waits for ever where the dead link takes no more. So the socket itself
 * is ended; the client then does what it does after any loss.
 */
async function breakLink(connection: NatsConnection): Promise<void> {
  const { socket } = (connection as unknown as Insides).protocol?.transport ?? {};
  if (socket) socket.destroy(new Error('the link is dead'));
  else await connection.reconnect().catch(() => undefined);
}
