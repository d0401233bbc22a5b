import type { Received } from '../received.js';
import type { Tokens } from '../scenario.js';
import type { Saying, Voice } from './voice.js';

/** What every endpoint of OpenAI has in common: how it refuses, and what it says about itself. */
export const openAi: Pick<Voice, 'errorFrame' | 'errorBody' | 'objection' | 'headers'> = {
  errorFrame: (message) => ({ data: JSON.stringify(errorBody(500, message)) }),
  errorBody,
  objection({ json }: Received): string | null {
    if (!json) return 'We could not parse the JSON body of your request.';
    if (typeof json.model !== 'string') return 'you must provide a model parameter';
    if (json.stream_options && json.stream !== true) {
      return "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
    }
    return null;
  },
  // Things of the provider's own, which are nobody's business behind a gateway.
  headers: (id) => ({
    'x-request-id': id,
    'openai-organization': 'org-fake',
    'openai-processing-ms': '7',
    'openai-version': '2020-10-01',
    'x-ratelimit-limit-requests': '424242',
    'x-ratelimit-remaining-requests': '424241',
    'set-cookie': '__cf_bm=fake; path=/; HttpOnly; Secure',
  }),
};

function errorBody(status: number, message: string) {
  const [type, code] = ERRORS[status] ?? (status < 500 ? ['invalid_request_error', null] : ['server_error', null]);
  return { error: { message, type, param: null, code } };
}

const ERRORS: { [status: number]: [type: string, code: string | null] } = {
  401: ['invalid_request_error', 'invalid_api_key'],
  404: ['invalid_request_error', 'model_not_found'],
  429: ['requests', 'rate_limit_exceeded'],
};

export function usageBody({ input, cachedInput, cacheWrite, output, reasoning }: Tokens) {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cachedInput, cache_write_tokens: cacheWrite, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

/** A usage that is asked for is a field of every frame, and has a value in the last one; else nobody hears of it. */
export function asksForUsage({ request }: Saying): boolean {
  const options = request.json?.stream_options as { include_usage?: unknown } | null | undefined;
  return options?.include_usage === true;
}
