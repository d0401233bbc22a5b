/** What every contender gets and what the provider answers: the same bytes for all of them. */
const MODEL = 'gpt-4o-mini';
const HEAD = {
  id: 'chatcmpl-0123456789abcdefghijklmnop',
  created: 1_790_000_000,
  model: `${MODEL}-2024-07-18`,
  service_tier: 'default',
  system_fingerprint: 'fp_0123456789',
};
const USAGE = {
  prompt_tokens: 84,
  completion_tokens: 36,
  total_tokens: 120,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 0 },
};
const FRAMES = 50;

/** @param {{ stream?: boolean }} [how] */
export function question({ stream = false } = {}) {
  return JSON.stringify({
    model: MODEL,
    messages: [
      { role: 'system', content: 'You help the people of a platform team. Answer in three sentences at the most.' },
      {
        role: 'user',
        content:
          'Every night a job of ours makes about two thousand calls, and some of them are refused because there were too ' +
          'many in a minute. How do we spread them most simply, so that the job still ends before six in the morning?',
      },
    ],
    temperature: 0.2,
    max_tokens: 256,
    ...(stream ? { stream, stream_options: { include_usage: true } } : {}),
  });
}

export const ANSWER = JSON.stringify({
  ...HEAD,
  object: 'chat.completion',
  choices: [
    {
      index: 0,
      message: {
        role: 'assistant',
        content: 'Let the job take a turn every second: two thousand turns are thirty-four minutes. Begin before five.',
        refusal: null,
      },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: USAGE,
});

/** A stream as OpenAI sends it: content, the last choice, the usage, the end. */
export function frames() {
  const frame = (/** @type {object} */ fields) =>
    `data: ${JSON.stringify({ ...HEAD, object: 'chat.completion.chunk', ...fields })}\n\n`;
  const choice = (/** @type {object} */ delta, finish_reason = /** @type {string | null} */ (null)) => ({
    choices: [{ index: 0, delta, logprobs: null, finish_reason }],
    usage: null,
  });
  const words = Array.from({ length: FRAMES }, (_, index) => frame(choice({ content: ` word${index}` })));
  return [...words, frame(choice({}, 'stop')), frame({ choices: [], usage: USAGE }), 'data: [DONE]\n\n'];
}
