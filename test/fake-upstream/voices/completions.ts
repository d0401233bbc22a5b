import { asksForUsage, openAi, usageBody } from './openai.js';
import { CREATED, type Saying, type Voice } from './voice.js';

/** OpenAI, `/v1/completions`: the one from before there were chats. */
export const completions: Voice = {
  ...openAi,

  whole(saying) {
    const usage = saying.tellsUsage ? { usage: usageBody(saying.tokens) } : {};
    return body(saying, [choice(saying.texts.join(''), 'stop')], usage);
  },

  *frames(saying) {
    const tellsUsage = saying.tellsUsage && asksForUsage(saying);
    const chunk = (text: string, finish_reason: string | null) =>
      JSON.stringify(body(saying, [choice(text, finish_reason)], tellsUsage ? { usage: null } : {}));
    for (const text of saying.texts) yield { data: chunk(text, null), isText: true };
    yield { data: chunk('', 'stop') };
    if (tellsUsage) yield { data: JSON.stringify(body(saying, [], { usage: usageBody(saying.tokens) })) };
    yield { data: '[DONE]' };
  },
};

function choice(text: string, finish_reason: string | null) {
  return { text, index: 0, logprobs: null, finish_reason };
}

function body({ id, model }: Saying, choices: object[], usage: object) {
  return { id: `cmpl-${id}`, object: 'text_completion', created: CREATED, model, choices, ...usage };
}
