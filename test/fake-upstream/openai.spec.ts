import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { readUsage } from '#domain/usage/read-usage';
import { type FakeUpstream, startFakeUpstream } from './fake-upstream.js';

let upstream: FakeUpstream;
let openai: OpenAI;

beforeAll(async () => {
  upstream = await startFakeUpstream({ models: ['fake', 'other'] });
  openai = new OpenAI({ baseURL: `${upstream.url}/v1`, apiKey: 'sk-fake', maxRetries: 0 });
});

beforeEach(() => {
  upstream.control.reset();
  upstream.record.clear();
});

afterAll(() => upstream.stop());

const messages = [{ role: 'user' as const, content: 'Count to five.' }];
const USAGE = { input: 100, cachedInput: 60, cacheWrite: 20, cacheWriteHour: 0, output: 30, reasoning: 12 };
const SENTENCE = 'one two three four five';

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

describe('the fake upstream, asked by the official client', () => {
  it('chats', async () => {
    upstream.control.always({ usage: USAGE });
    const answer = await openai.chat.completions.create({ model: 'fake', messages });
    expect(answer).toMatchObject({ object: 'chat.completion', model: 'fake' });
    expect(answer.choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { role: 'assistant', content: SENTENCE },
    });
    expect(readUsage('openai', 'chat', answer)).toEqual(USAGE);
    expect(upstream.record.totals()).toMatchObject({
      requests: 1,
      input: 100,
      cachedInput: 60,
      cacheWrite: 20,
      output: 30,
    });
  });

  it('chats in a stream, with the usage only for whom it is asked', async () => {
    upstream.control.always({ usage: USAGE });
    const asked = { model: 'fake', messages, stream: true as const };
    const plain = await all(await openai.chat.completions.create(asked));
    expect(plain.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe(SENTENCE);
    expect(plain.some((chunk) => 'usage' in chunk)).toBe(false);

    const counted = await all(
      await openai.chat.completions.create({ ...asked, stream_options: { include_usage: true } }),
    );
    expect(counted.slice(0, -1).every(({ usage }) => usage === null)).toBe(true);
    expect(counted.at(-1)?.choices).toEqual([]);
    expect(readUsage('openai', 'chat', counted.at(-1))).toEqual(USAGE);
  });

  it('passes the checks of the client’s own stream helpers', async () => {
    const chat = await openai.chat.completions.stream({ model: 'fake', messages }).finalChatCompletion();
    expect(chat.choices[0]?.message.content).toBe(SENTENCE);
    const response = await openai.responses.stream({ model: 'fake', input: 'Count to five.' }).finalResponse();
    expect(response.output_text).toBe(SENTENCE);
  });

  it('completes, as it was done before there were chats', async () => {
    upstream.control.always({ usage: USAGE });
    const asked = { model: 'fake', prompt: 'Count to five.' };
    const answer = await openai.completions.create(asked);
    expect(answer).toMatchObject({ object: 'text_completion', choices: [{ text: SENTENCE, finish_reason: 'stop' }] });
    expect(readUsage('openai', 'completions', answer)).toEqual(USAGE);

    const chunks = await all(
      await openai.completions.create({ ...asked, stream: true, stream_options: { include_usage: true } }),
    );
    expect(chunks.map(({ choices }) => choices[0]?.text ?? '').join('')).toBe(SENTENCE);
    expect(readUsage('openai', 'completions', chunks.at(-1))).toEqual(USAGE);
  });

  it('embeds, in numbers or in base64', async () => {
    const vector = [0.25, -0.5, 1];
    const packed = await openai.embeddings.create({ model: 'fake', input: ['a', 'b'] });
    expect(packed.data.map(({ index, embedding }) => [index, [...embedding]])).toEqual([
      [0, vector],
      [1, vector],
    ]);
    const plain = await openai.embeddings.create({ model: 'fake', input: 'a', encoding_format: 'float' });
    expect(plain.data).toEqual([{ object: 'embedding', index: 0, embedding: vector }]);
    expect(readUsage('openai', 'embeddings', plain)).toMatchObject({ input: 10, output: 0 });
  });

  it('responds', async () => {
    upstream.control.always({ usage: USAGE });
    const answer = await openai.responses.create({ model: 'fake', input: 'Count to five.' });
    expect(answer).toMatchObject({ object: 'response', status: 'completed', output_text: SENTENCE });
    expect(readUsage('openai', 'responses', answer)).toEqual(USAGE);
  });

  it('responds in a stream of numbered events that ends with the usage', async () => {
    upstream.control.always({ usage: USAGE });
    const events = await all(await openai.responses.create({ model: 'fake', input: 'Count.', stream: true }));
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
    expect(events.flatMap((event) => (event.type === 'response.output_text.delta' ? event.delta : [])).join('')).toBe(
      SENTENCE,
    );
    const last = events.at(-1);
    expect(last?.type).toBe('response.completed');
    expect(readUsage('openai', 'responses', last?.type === 'response.completed' && last.response)).toEqual(USAGE);
  });

  it('lists its models', async () => {
    expect((await all(openai.models.list())).map(({ id }) => id)).toEqual(['fake', 'other']);
    expect(await openai.models.retrieve('other')).toMatchObject({ id: 'other', object: 'model' });
    await expect(openai.models.retrieve('none')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });

  it('fails as it is told, in the way the client knows', async () => {
    upstream.control.next({ status: 429, headers: { 'retry-after': '7' } }, { status: 500 });
    const limited = await openai.chat.completions.create({ model: 'fake', messages }).catch((error: unknown) => error);
    expect(limited).toBeInstanceOf(OpenAI.RateLimitError);
    expect(limited).toMatchObject({
      code: 'rate_limit_exceeded',
      requestID: `req_fake_${upstream.record.requests[0]?.id}`,
    });
    expect((limited as InstanceType<typeof OpenAI.APIError>).headers?.get('retry-after')).toBe('7');
    await expect(openai.responses.create({ model: 'fake', input: 'x' })).rejects.toBeInstanceOf(
      OpenAI.InternalServerError,
    );
    expect(upstream.record.totals()).toMatchObject({ requests: 2, input: 0, output: 0 });
  });

  it('fails in the middle of a stream, in the way the client knows', async () => {
    upstream.control.always({ fault: 'error-in-stream' });
    const chat = await openai.chat.completions.create({ model: 'fake', messages, stream: true });
    await expect(all(chat)).rejects.toThrow('told to fail here');
    const response = await openai.responses.create({ model: 'fake', input: 'x', stream: true });
    await expect(all(response)).rejects.toThrow('told to fail here');
  });

  it('objects to what the real one would object to', async () => {
    const asked = { model: 'fake', messages, stream_options: { include_usage: true } };
    await expect(openai.chat.completions.create(asked)).rejects.toBeInstanceOf(OpenAI.BadRequestError);
    const body = { model: 'fake', input: 'x', stream: true, stream_options: { include_usage: true } };
    await expect(openai.post('/responses', { body })).rejects.toBeInstanceOf(OpenAI.BadRequestError);
  });

  it('says zero where it is told so, and nothing where it is told so', async () => {
    upstream.control.next({ usage: { input: 0, output: 0 } }, { fault: 'no-usage' });
    const zero = await openai.chat.completions.create({ model: 'fake', messages });
    expect(zero.usage).toMatchObject({ prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 });
    const none = await openai.chat.completions.create({ model: 'fake', messages });
    expect(none.usage).toBeUndefined();
    expect(upstream.record.requests.map(({ billed }) => billed.output)).toEqual([0, 5]);
  });
});
