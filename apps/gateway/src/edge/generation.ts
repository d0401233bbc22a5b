import { Refused } from '#contracts/refusals';
import { at } from '#domain/usage/at';
import { JsonObject } from './json-object.js';

/** Between what a client says and hears, and what a provider does. */
export interface Translation {
  readonly ask: (body: JsonObject) => JsonObject;
  /** Of an answer that went well; null where it is not what was expected. */
  readonly answer: (answer: unknown) => object | null;
}

/**
 * `/v1/generate`: a prompt in, a text out, for who does not want to speak chat. It is a chat with one message; every
 * other field of it (`max_tokens`, `temperature`, …) is the chat's own and passes as it came.
 */
export const generation: Translation = {
  ask(body) {
    const prompt = body.get('prompt');
    if (typeof prompt !== 'string' || prompt === '') throw refused('prompt', 'must be a text');
    if (body.has('messages')) throw refused('messages', 'is what /v1/chat/completions takes: here it is prompt');
    if (body.get('stream') === true)
      throw refused('stream', 'cannot be true here: /v1/chat/completions streams, this endpoint answers in one piece');
    return new JsonObject(body.renamed('prompt', 'messages', [{ role: 'user', content: prompt }]));
  },

  answer(answer) {
    const id = at(answer, 'id');
    const choices = at(answer, 'choices');
    if (typeof id !== 'string' || !Array.isArray(choices)) return null;
    const text = at(choices[0], 'message', 'content');
    const usage = at(answer, 'usage') ?? null;
    return { id, model: at(answer, 'model'), text: typeof text === 'string' ? text : '', usage };
  },
};

function refused(param: string, problem: string): Refused {
  return new Refused('invalid_request', { message: `${param} ${problem}.`, param });
}
