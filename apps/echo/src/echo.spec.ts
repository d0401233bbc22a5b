import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { start } from './main.js';

let echo: Awaited<ReturnType<typeof start>>;
let openai: OpenAI;

beforeAll(async () => {
  echo = await start({});
  openai = new OpenAI({ baseURL: `${echo.url}/v1`, apiKey: 'none needed', maxRetries: 0 });
});

afterAll(() => echo.stop());

const say = (content: string) => [{ role: 'user' as const, content }];

function post(body: string): Promise<Response> {
  return fetch(`${echo.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
}

describe('the echo, asked by the official client', () => {
  it('repeats the last message of the user and counts it', async () => {
    const { data, response } = await openai.chat.completions
      .create({
        model: 'echo',
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'first' },
          { role: 'assistant', content: 'first' },
          { role: 'user', content: 'Hello, world!' },
        ],
      })
      .withResponse();
    expect(data.object).toBe('chat.completion');
    expect(data.id).toMatch(/^chatcmpl-[0-9a-f]{32}$/);
    expect(data.model).toBe('echo');
    expect(data.choices).toHaveLength(1);
    expect(data.choices[0]?.message).toMatchObject({ role: 'assistant', content: 'Hello, world!' });
    expect(data.choices[0]?.finish_reason).toBe('stop');
    // Be brief . (3) + first (1) + first (1) + Hello , world ! (4)
    expect(data.usage).toMatchObject({ prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 });
    expect(response.headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{32}$/);
  });

  it('reads the text of content parts and passes over the others', async () => {
    const answer = await openai.chat.completions.create({
      model: 'echo',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is ' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
            { type: 'text', text: 'this?' },
          ],
        },
      ],
    });
    expect(answer.choices[0]?.message.content).toBe('What is this?');
    expect(answer.usage?.prompt_tokens).toBe(4);
  });

  it.each([{ max_tokens: 2 }, { max_completion_tokens: 2 }, { max_tokens: 3, max_completion_tokens: 2 }])(
    'stops early at %j',
    async (limit) => {
      const answer = await openai.chat.completions.create({ model: 'echo', messages: say('one two three'), ...limit });
      expect(answer.choices[0]?.message.content).toBe('one two');
      expect(answer.choices[0]?.finish_reason).toBe('length');
      expect(answer.usage?.completion_tokens).toBe(2);
    },
  );

  it('ends naturally where the limit is just enough', async () => {
    const answer = await openai.chat.completions.create({ model: 'echo', messages: say('one two'), max_tokens: 2 });
    expect(answer.choices[0]?.finish_reason).toBe('stop');
  });

  it('says it n times, counts every one, and the prompt once', async () => {
    const answer = await openai.chat.completions.create({ model: 'echo', messages: say('one two'), n: 3 });
    expect(answer.choices.map(({ index, message }) => [index, message.content])).toEqual([
      [0, 'one two'],
      [1, 'one two'],
      [2, 'one two'],
    ]);
    expect(answer.usage).toMatchObject({ prompt_tokens: 2, completion_tokens: 6, total_tokens: 8 });
  });

  it('lists its one model', async () => {
    const models = await openai.models.list();
    expect(models.data.map(({ id }) => id)).toEqual(['echo']);
  });
});

describe('the echo, streaming', () => {
  it('sends one chunk for each token, who speaks first, why it ended last', async () => {
    const stream = await openai.chat.completions.create({
      model: 'echo',
      messages: say('Hello, world!'),
      stream: true,
    });
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(
      chunks.map(({ choices: [choice] }) => [choice?.delta.role, choice?.delta.content, choice?.finish_reason]),
    ).toEqual([
      ['assistant', '', null],
      [undefined, 'Hello', null],
      [undefined, ',', null],
      [undefined, ' world', null],
      [undefined, '!', null],
      [undefined, undefined, 'stop'],
    ]);
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    expect(chunks.some((chunk) => 'usage' in chunk)).toBe(false);
  });

  it('tells usage only in a last chunk without choices, and null in all before it', async () => {
    const stream = await openai.chat.completions.create({
      model: 'echo',
      messages: say('one two three'),
      max_tokens: 2,
      n: 2,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    const last = chunks.pop();
    expect(last?.choices).toEqual([]);
    expect(last?.usage).toMatchObject({ prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 });
    expect(chunks.every(({ usage }) => usage === null)).toBe(true);
    expect(chunks.filter(({ choices: [choice] }) => choice?.finish_reason === 'length')).toHaveLength(2);
  });

  it('ends with [DONE], as server-sent events', async () => {
    const response = await post(JSON.stringify({ model: 'echo', messages: say('hi'), stream: true }));
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const text = await response.text();
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(
      text
        .split('\n\n')
        .filter(Boolean)
        .every((frame) => frame.startsWith('data: ')),
    ).toBe(true);
  });

  it('arrives while it is being said', async () => {
    const slow = await start({ KEYWARD_ECHO_PACE_MILLISECONDS: '50' });
    const client = new OpenAI({ baseURL: `${slow.url}/v1`, apiKey: 'none needed', maxRetries: 0 });
    const stream = await client.chat.completions.create({ model: 'echo', messages: say('a b c d e f'), stream: true });
    const at: number[] = [];
    for await (const _chunk of stream) at.push(performance.now());
    expect((at.at(-1) ?? 0) - (at[0] ?? 0)).toBeGreaterThan(200);
    await slow.stop();
  });
});

describe('the echo says no like OpenAI', () => {
  it.each([
    ['bad JSON', '{"model":', null],
    ['no object', '[]', null],
    ['no model', JSON.stringify({ messages: say('hi') }), 'model'],
    ['no messages', JSON.stringify({ model: 'echo' }), 'messages'],
    ['empty messages', JSON.stringify({ model: 'echo', messages: [] }), 'messages'],
    ['a limit below one', JSON.stringify({ model: 'echo', messages: say('hi'), max_tokens: 0 }), 'max_tokens'],
    [
      'content of the wrong type',
      JSON.stringify({ model: 'echo', messages: [{ role: 'user', content: 5 }] }),
      'messages.0.content',
    ],
  ])('400 to %s', async (_case, body, param) => {
    const response = await post(body);
    expect(response.status).toBe(400);
    expect(response.headers.get('x-request-id')).toMatch(/^req_/);
    expect(await response.json()).toEqual({
      error: { message: expect.any(String), type: 'invalid_request_error', param, code: null },
    });
  });

  it('404 to a model it does not have, as the client expects it', async () => {
    const refused = openai.chat.completions.create({ model: 'gpt-4o', messages: say('hi') });
    await expect(refused).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await expect(refused).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
      requestID: expect.stringMatching(/^req_/),
    });
  });

  it('404 to a path it does not have', async () => {
    expect((await fetch(`${echo.url}/v1/embeddings`, { method: 'POST' })).status).toBe(404);
  });

  it('413 to a body without end, and the refusal arrives', async () => {
    const sent = request(`${echo.url}/v1/chat/completions`, { method: 'POST' });
    sent.on('error', () => {});
    const answered = once(sent, 'response');
    for (let megabytes = 0; megabytes < 17; megabytes++) sent.write(Buffer.alloc(1024 * 1024, 'x'));
    const [response] = await answered;
    expect(response.statusCode).toBe(413);
    sent.destroy();
  });
});

describe('the echo as a process', () => {
  it('listens on loopback and names its port', () => {
    expect(echo).toMatchObject({
      name: 'echo',
      opsUrl: null,
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    });
  });

  it('names every setting that is wrong', async () => {
    await expect(start({ KEYWARD_ECHO_PORT: 'x', KEYWARD_ECHO_PACE_MILLISECONDS: '-1' })).rejects.toThrow(
      /KEYWARD_ECHO_PORT[\s\S]*KEYWARD_ECHO_PACE_MILLISECONDS/,
    );
  });

  it('fails to start where its port is taken', async () => {
    await expect(start({ KEYWARD_ECHO_PORT: new URL(echo.url).port })).rejects.toThrow('EADDRINUSE');
  });

  it('stops in the middle of an answer', async () => {
    const slow = await start({ KEYWARD_ECHO_PACE_MILLISECONDS: '10000' });
    const client = new OpenAI({ baseURL: `${slow.url}/v1`, apiKey: 'none needed', maxRetries: 0 });
    const stream = await client.chat.completions.create({ model: 'echo', messages: say('a b'), stream: true });
    const reading = (async () => {
      for await (const _chunk of stream);
    })();
    const broken = expect(reading).rejects.toThrow();
    await slow.stop();
    await broken;
  });
});
