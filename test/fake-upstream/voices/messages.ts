import type { Received } from '../received.js';
import type { Tokens } from '../scenario.js';
import type { Frame, Saying, Voice } from './voice.js';

/** Anthropic, `/v1/messages`: the input's usage comes with the first event, the output's with the last but one. */
export const messages: Voice = {
  whole: (saying) => message(saying, [{ type: 'text', text: saying.texts.join('') }], 'end_turn', saying.tokens.output),

  *frames(saying) {
    yield event('message_start', { message: message(saying, [], null, Math.min(1, saying.tokens.output)) });
    yield event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } });
    yield event('ping', {});
    for (const text of saying.texts) {
      const delta = { type: 'text_delta', text };
      yield { ...event('content_block_delta', { index: 0, delta }), isText: true };
    }
    yield event('content_block_stop', { index: 0 });
    const usage = saying.tellsUsage ? { usage: { output_tokens: saying.tokens.output } } : {};
    yield event('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, ...usage });
    yield event('message_stop', {});
  },

  errorFrame: (message) => event('error', { error: { type: 'overloaded_error', message } }),

  errorBody: (status, message) => ({ type: 'error', error: { type: ERRORS[status] ?? 'api_error', message } }),

  objection(request: Received): string | null {
    const { json } = request;
    if (request.header('anthropic-version') === null) return 'anthropic-version: header is required';
    if (!json) return 'The request body is not valid JSON';
    if (typeof json.model !== 'string') return 'model: Field required';
    if (typeof json.max_tokens !== 'number') return 'max_tokens: Field required';
    return 'stream_options' in json ? 'stream_options: Extra inputs are not permitted' : null;
  },

  headers: (id) => ({
    'request-id': id,
    'anthropic-organization-id': 'org-fake',
    'anthropic-ratelimit-requests-limit': '424242',
    'anthropic-ratelimit-requests-remaining': '424241',
    'set-cookie': '__cf_bm=fake; path=/; HttpOnly; Secure',
  }),
};

const ERRORS: { [status: number]: string } = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};

function event(type: string, fields: object): Frame {
  return { event: type, data: JSON.stringify({ type, ...fields }) };
}

function message(saying: Saying, content: object[], stop_reason: string | null, output: number) {
  return {
    id: `msg_${saying.id}`,
    type: 'message',
    role: 'assistant',
    model: saying.model,
    content,
    stop_reason,
    stop_sequence: null,
    ...(saying.tellsUsage ? { usage: usageBody(saying.tokens, output) } : {}),
  };
}

/** The three parts of the input stand side by side. */
function usageBody({ input, cachedInput, cacheWrite, cacheWriteHour }: Tokens, output: number) {
  return {
    input_tokens: input - cachedInput - cacheWrite,
    cache_creation_input_tokens: cacheWrite,
    cache_read_input_tokens: cachedInput,
    cache_creation: {
      ephemeral_5m_input_tokens: cacheWrite - cacheWriteHour,
      ephemeral_1h_input_tokens: cacheWriteHour,
    },
    output_tokens: output,
    service_tier: 'standard',
  };
}
