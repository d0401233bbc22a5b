import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Completion } from './completion.js';
import { MODEL } from './request.js';

interface Pace {
  readonly includeUsage: boolean;
  readonly paceMilliseconds: number;
}

/** Says the answer token by token; stops in the middle of it when nobody listens any more. */
export async function streamCompletion(response: ServerResponse, completion: Completion, pace: Pace): Promise<void> {
  if (response.destroyed) return;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  try {
    for (const { data, isToken } of frames(completion, pace.includeUsage)) {
      if (isToken && pace.paceMilliseconds > 0) await sleep(pace.paceMilliseconds, undefined, { signal: gone.signal });
      gone.signal.throwIfAborted();
      // A slow reader sets the pace: what it has not taken is not made yet.
      if (!response.write(`data: ${data}\n\n`)) await once(response, 'drain', { signal: gone.signal });
    }
    response.end();
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  }
}

/** OpenAI's order: who speaks, the tokens, why it ended, what it cost, the end. */
function* frames(completion: Completion, includeUsage: boolean): Generator<{ data: string; isToken?: true }> {
  const { id, created, n, tokens, finishReason, usage } = completion;
  const head = {
    id,
    object: 'chat.completion.chunk',
    created,
    model: MODEL,
    service_tier: 'default',
    system_fingerprint: null,
  };
  // Who asked for usage gets the field in every chunk, and its value in the last; who did not never sees it.
  const noUsageYet = includeUsage ? { usage: null } : {};
  const chunks = (delta: object, finish_reason: string | null = null) =>
    Array.from({ length: n }, (_, index) =>
      JSON.stringify({ ...head, choices: [{ index, delta, logprobs: null, finish_reason }], ...noUsageYet }),
    );

  for (const data of chunks({ role: 'assistant', content: '', refusal: null })) yield { data };
  for (const content of tokens) for (const data of chunks({ content })) yield { data, isToken: true };
  for (const data of chunks({}, finishReason)) yield { data };
  if (includeUsage) yield { data: JSON.stringify({ ...head, choices: [], usage }) };
  yield { data: '[DONE]' };
}
