import { type ChatRequest, MODEL, textOf } from './request.js';
import { countTokens, tokenize } from './tokens.js';

/** What is going to be said, before it is said in one piece or in many. */
export interface Completion {
  readonly id: string;
  /** Seconds since the epoch. */
  readonly created: number;
  /** How many times it is said: every choice is the same. */
  readonly n: number;
  readonly tokens: readonly string[];
  readonly finishReason: 'stop' | 'length';
  readonly usage: Usage;
}

interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details: { readonly cached_tokens: number; readonly audio_tokens: number };
  readonly completion_tokens_details: { readonly reasoning_tokens: number; readonly audio_tokens: number };
}

/** Repeats what the user said last; without a user there is nothing to repeat. */
export function complete(request: ChatRequest, id: string, now: Date): Completion {
  const asked = request.messages.findLast(({ role }) => role === 'user');
  const all = asked ? tokenize(textOf(asked)) : [];
  // OpenAI's newer name wins where a client sends both.
  const limit = request.max_completion_tokens ?? request.max_tokens ?? Number.POSITIVE_INFINITY;
  const tokens = all.slice(0, limit);
  const n = request.n ?? 1;
  return {
    id: `chatcmpl-${id}`,
    created: Math.floor(now.getTime() / 1000),
    n,
    tokens,
    finishReason: tokens.length < all.length ? 'length' : 'stop',
    usage: usageOf(
      request.messages.reduce((sum, message) => sum + countTokens(textOf(message)), 0),
      tokens.length * n,
    ),
  };
}

/** The answer in one piece. */
export function completionBody({ id, created, n, tokens, finishReason, usage }: Completion) {
  const message = { role: 'assistant', content: tokens.join(''), refusal: null, annotations: [] };
  return {
    id,
    object: 'chat.completion',
    created,
    model: MODEL,
    choices: Array.from({ length: n }, (_, index) => ({ index, message, logprobs: null, finish_reason: finishReason })),
    usage,
    service_tier: 'default',
    system_fingerprint: null,
  };
}

/** The prompt is counted once, however many choices there are: that is how it is billed. */
function usageOf(prompt: number, completion: number): Usage {
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  };
}
