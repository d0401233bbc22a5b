import { asksForUsage, openAi, usageBody } from './openai.js';
import { CREATED, type Saying, type Voice } from './voice.js';

/** OpenAI, `/v1/chat/completions`. */
export const chat: Voice = {
  ...openAi,

  whole({ id, model, texts, tokens, tellsUsage }) {
    const message = { role: 'assistant', content: texts.join(''), refusal: null, annotations: [] };
    return {
      id: `chatcmpl-${id}`,
      object: 'chat.completion',
      created: CREATED,
      model,
      choices: [{ index: 0, message, logprobs: null, finish_reason: 'stop' }],
      ...(tellsUsage ? { usage: usageBody(tokens) } : {}),
      service_tier: 'default',
      system_fingerprint: 'fp_fake',
    };
  },

  *frames(saying) {
    const tellsUsage = saying.tellsUsage && asksForUsage(saying);
    const chunk = (delta: object, finish_reason: string | null = null) =>
      frame(saying, [{ index: 0, delta, logprobs: null, finish_reason }], tellsUsage ? { usage: null } : {});
    yield { data: chunk({ role: 'assistant', content: '', refusal: null }) };
    for (const content of saying.texts) yield { data: chunk({ content }), isText: true };
    yield { data: chunk({}, 'stop') };
    if (tellsUsage) yield { data: frame(saying, [], { usage: usageBody(saying.tokens) }) };
    yield { data: '[DONE]' };
  },
};

function frame({ id, model }: Saying, choices: object[], usage: object): string {
  return JSON.stringify({
    id: `chatcmpl-${id}`,
    object: 'chat.completion.chunk',
    created: CREATED,
    model,
    service_tier: 'default',
    system_fingerprint: 'fp_fake',
    choices,
    ...usage,
  });
}
