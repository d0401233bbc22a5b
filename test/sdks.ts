import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import OpenAI6 from 'openai-6';

interface Asked {
  /** The gateway's origin. */
  readonly url: string;
  readonly key: string;
  readonly model: string;
  readonly stream?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** What a user of the SDK gets to see of an error. */
export interface Thrown {
  /** The name of the class it is of. */
  readonly class: string;
  readonly status: number | undefined;
  readonly message: string;
  readonly code: string | null | undefined;
  readonly type: string | null | undefined;
  readonly requestId: string | null | undefined;
  readonly header: (name: string) => string | null | undefined;
  /** How often it asked. */
  readonly asked: number;
  /** How many events of a stream came before. */
  readonly events: number;
}

export interface Sdk {
  readonly name: string;
  readonly dialect: 'openai' | 'anthropic';
  /** Asks, reads the answer to its end, and tells what was thrown; null where nothing was. */
  failing(asked: Asked): Promise<Thrown | null>;
  /** The class an error of this status is thrown as. */
  classOf(status: number): string;
}

type Ask = (asked: Asked, fetch: typeof globalThis.fetch) => Promise<unknown>;

const OPENAI_CLASSES: Readonly<Record<number, string>> = {
  400: 'BadRequestError',
  401: 'AuthenticationError',
  403: 'PermissionDeniedError',
  404: 'NotFoundError',
  429: 'RateLimitError',
};

const ANTHROPIC_CLASSES: Readonly<Record<number, string>> = {
  ...OPENAI_CLASSES,
  402: 'PaymentRequiredError',
  413: 'ContentTooLargeError',
  503: 'ServiceUnavailableError',
  504: 'GatewayTimeoutError',
};

const MESSAGES = [{ role: 'user' as const, content: 'one two three' }];

const openAi = (name: string, ask: Ask): Sdk => ({
  name,
  dialect: 'openai',
  failing: (asked) => failing(ask, asked),
  classOf: (status) => OPENAI_CLASSES[status] ?? (status >= 500 ? 'InternalServerError' : 'APIError'),
});

export const OPENAI_7 = openAi('openai 7', ({ url, key, headers, model, stream = false, fields }, fetch) => {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, defaultHeaders: headers, fetch });
  return client.chat.completions.create({ model, stream, messages: MESSAGES, ...fields });
});

export const OPENAI_6 = openAi('openai 6', ({ url, key, headers, model, stream = false, fields }, fetch) => {
  const client = new OpenAI6({ baseURL: `${url}/v1`, apiKey: key, defaultHeaders: headers, fetch });
  return client.chat.completions.create({ model, stream, messages: MESSAGES, ...fields });
});

/** The same two, at the endpoint that has events of many types. */
export const OPENAI_7_RESPONSES = openAi('openai 7 responses', ({ url, key, model, stream = false }, fetch) =>
  new OpenAI({ baseURL: `${url}/v1`, apiKey: key, fetch }).responses.create({ model, stream, input: 'one two three' }),
);

export const OPENAI_6_RESPONSES = openAi('openai 6 responses', ({ url, key, model, stream = false }, fetch) =>
  new OpenAI6({ baseURL: `${url}/v1`, apiKey: key, fetch }).responses.create({ model, stream, input: 'one two three' }),
);

const askAnthropic: Ask = ({ url, key, headers, model, stream = false, fields }, fetch) => {
  const client = new Anthropic({ baseURL: url, apiKey: key, defaultHeaders: headers, fetch });
  return client.messages.create({ model, stream, max_tokens: 100, messages: MESSAGES, ...fields });
};

export const ANTHROPIC: Sdk = {
  name: 'anthropic',
  dialect: 'anthropic',
  failing: (asked) => failing(askAnthropic, asked),
  classOf: (status) => ANTHROPIC_CLASSES[status] ?? (status >= 500 ? 'InternalServerError' : 'APIError'),
};

export const SDKS: readonly Sdk[] = [OPENAI_6, OPENAI_7, ANTHROPIC];

async function failing(ask: Ask, asked: Asked): Promise<Thrown | null> {
  let tries = 0;
  let events = 0;
  const counting: typeof fetch = (input, init) => {
    tries++;
    return fetch(input, init);
  };
  try {
    const answer = await ask(asked, counting);
    if (asked.stream) for await (const _ of answer as AsyncIterable<unknown>) events++;
    return null;
  } catch (error) {
    return { ...seen(error as Error & Partial<Seen>), asked: tries, events };
  }
}

/** The fields of the errors of all of them. */
interface Seen {
  readonly status: number;
  readonly code: string | null;
  readonly errorCode: string | null;
  /** Anthropic's, of what is a message and the whole body elsewhere. */
  readonly apiMessage: string | null;
  readonly type: string | null;
  readonly requestID: string | null;
  readonly headers: Headers;
}

function seen(error: Error & Partial<Seen>): Omit<Thrown, 'asked' | 'events'> {
  return {
    class: error.constructor.name,
    status: error.status,
    message: error.apiMessage ?? error.message,
    code: error.errorCode ?? error.code,
    type: error.type,
    requestId: error.requestID,
    header: (name) => error.headers?.get(name),
  };
}
