import { chat } from './stack.js';

/** A streamed answer as a client sees it, while it comes. */
export interface EventStream {
  readonly status: number;
  /** Everything that has come until now. */
  text(): string;
  /** Resolves with all that came when the stream has ended, in whatever way; with the moment it ended. */
  readonly ended: Promise<{ text: string; at: number }>;
}

/** A stream that goes on for half a minute if nobody ends it; resolves when its first tokens are there. */
export async function openStream(url: string, key: string): Promise<EventStream> {
  const content = 'word '.repeat(25_000);
  const reply = await chat(url, key, { stream: true, messages: [{ role: 'user', content }] });
  if (!reply.body) throw new Error('there is no body');
  const first = Promise.withResolvers<void>();
  const decoder = new TextDecoder();
  let text = '';
  const reader = reply.body.getReader();
  const ended = (async () => {
    try {
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        text += decoder.decode(part.value, { stream: true });
        first.resolve();
      }
    } catch {
      // Broken off without an end: what has come is what there is.
    }
    first.resolve();
    return { text, at: performance.now() };
  })();
  await first.promise;
  return { status: reply.status, text: () => text, ended };
}

/** The code of the error event a stream was ended with. */
export function errorCodeIn(text: string): string | undefined {
  const data = /event: error\ndata: (.*)\n\n$/.exec(text)?.[1];
  return data === undefined ? undefined : (JSON.parse(data) as { error: { code: string } }).error.code;
}
