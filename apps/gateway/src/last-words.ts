import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

/** What is still read of a request that was refused, and for how long: until nothing comes any more, or it is too much. */
const QUIET_MILLISECONDS = 1000;
const MOST_MILLISECONDS = 10_000;
const MOST_BYTES = 64 * 1024 * 1024;

/** Node reads the rest of a refused body to keep the connection; a long one is not worth it. */
export function restIsLong({ complete, method, headers }: IncomingMessage): boolean {
  if (complete || method === 'GET' || method === 'HEAD') return false;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > LONG_REST;
}

const LONG_REST = 64 * 1024;

/**
 * An answer after which the connection ends, while its client may still be sending. Closed right away, the connection would
 * be reset and the answer lost: SDKs then say “Connection error”, and send it all again. So it is closed a little later, and
 * what comes meanwhile is thrown away.
 */
export function lastWords(request: IncomingMessage, answer: Buffer): Readable {
  return Readable.from(
    (async function* () {
      yield answer;
      await sentOrGivenUp(request);
    })(),
    { objectMode: false },
  );
}

function sentOrGivenUp(request: IncomingMessage): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let read = 0;
  let seen = 0;
  const isQuiet = () => {
    if (read === seen) resolve();
    seen = read;
  };
  // Timers that are late run before what has arrived meanwhile is read: it is looked at after that.
  const quiet = setInterval(() => setImmediate(isQuiet), QUIET_MILLISECONDS);
  const over = setTimeout(resolve, MOST_MILLISECONDS);
  request.on('data', (chunk: Buffer) => {
    read += chunk.length;
    if (read > MOST_BYTES) resolve();
  });
  for (const event of ['end', 'close', 'error']) request.once(event, resolve);
  request.resume();
  return promise.finally(() => {
    clearInterval(quiet);
    clearTimeout(over);
  });
}
