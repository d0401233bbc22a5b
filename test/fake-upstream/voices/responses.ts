import type { Tokens } from '../scenario.js';
import { openAi } from './openai.js';
import { CREATED, type Frame, type Saying, type Voice } from './voice.js';

/** OpenAI, `/v1/responses`: typed events, of which the last one has the whole answer and its usage. */
export const responses: Voice = {
  ...openAi,

  objection(request) {
    const options = request.json?.stream_options as object | null | undefined;
    if (options && 'include_usage' in options) return "Unknown parameter: 'stream_options.include_usage'.";
    return openAi.objection(request);
  },

  whole: (saying) => response(saying, 'completed', [item(saying, saying.texts.join(''))]),

  *frames(saying) {
    const event = numbered();
    const text = saying.texts.join('');
    const place = { item_id: `msg_${saying.id}`, output_index: 0, content_index: 0 };
    yield event('response.created', { response: response(saying, 'in_progress', []) });
    yield event('response.in_progress', { response: response(saying, 'in_progress', []) });
    yield event('response.output_item.added', { output_index: 0, item: item(saying, null) });
    yield event('response.content_part.added', { ...place, part: part('') });
    for (const delta of saying.texts) {
      yield { ...event('response.output_text.delta', { ...place, delta, logprobs: [] }), isText: true };
    }
    yield event('response.output_text.done', { ...place, text, logprobs: [] });
    yield event('response.content_part.done', { ...place, part: part(text) });
    yield event('response.output_item.done', { output_index: 0, item: item(saying, text) });
    yield event('response.completed', { response: response(saying, 'completed', [item(saying, text)]) });
  },

  errorFrame: (message) => ({
    event: 'error',
    data: JSON.stringify({ type: 'error', code: 'server_error', message, param: null, sequence_number: 99 }),
  }),
};

function numbered(): (type: string, fields: object) => Frame {
  let sequence_number = 0;
  return (type, fields) => ({
    event: type,
    data: JSON.stringify({ type, sequence_number: sequence_number++, ...fields }),
  });
}

function response({ id, model, tokens, tellsUsage }: Saying, status: 'in_progress' | 'completed', output: object[]) {
  return {
    id: `resp_${id}`,
    object: 'response',
    created_at: CREATED,
    status,
    background: false,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    model,
    output,
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    service_tier: 'default',
    store: true,
    temperature: 1,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    truncation: 'disabled',
    usage: tellsUsage && status === 'completed' ? usageBody(tokens) : null,
    user: null,
    metadata: {},
  };
}

/** The message; without a text it has only begun. */
function item({ id }: Saying, text: string | null) {
  const content = text === null ? [] : [part(text)];
  return {
    id: `msg_${id}`,
    type: 'message',
    status: text === null ? 'in_progress' : 'completed',
    role: 'assistant',
    content,
  };
}

function part(text: string) {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}

function usageBody({ input, cachedInput, cacheWrite, output, reasoning }: Tokens) {
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cachedInput, cache_write_tokens: cacheWrite },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output,
  };
}
